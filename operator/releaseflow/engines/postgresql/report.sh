
# Report the database's own word after a migration. That is done and is not repeated: a server that does not answer for
# a moment must not leave its outcome unproven.
tries=12
until psql --no-psqlrc --no-password --quiet --dbname="$database" --command='' 2>"$errors"; do
    tries=$((tries - 1))
    if [ "$tries" -eq 0 ] || [ "$(reason_of_errors OutcomeUnverified)" != ConnectionFailed ]; then break; fi
    say "Waiting for the database: $(one_line 200 <"$errors")"
    sleep 5
done
ask
succeed "$(known_facts)"
schema=$(fact schemaVersion)
say "${schema:+Schema $schema, }$(fact tables) tables, fingerprint $fingerprint"
