
# Back the database up: first under a name that says it is not whole, in the end under its own, beside it a manifest and
# the command that restores it.
started=$(date +%s)
backup=$RELEASEFLOW_PATH
manifest=${backup%.dump}.json
restore=${backup%.dump}.restore.sh

give_up() {
    reason=$(reason_of_errors BackupFailed)
    discard "$backup" "$manifest" "$restore"
    fail "$reason" "$1: $(cat "$errors")"
}

client=$(pg_dump --version | awk '{ print $3 }')
say "Inspecting the database with client $client"
ask
schema=$(fact schemaVersion)
say "Server $(fact serverVersion), database $(fact database), $(fact tables) tables${schema:+, schema $schema}"
if [ "${client%%[!0-9]*}" -lt "$(fact serverMajor)" ]; then
    fail ClientTooOld "pg_dump $client cannot dump a server of version $(fact serverVersion)"
fi
refuse_sessions

say "Writing $backup"
prepare "$backup" "$manifest" "$restore" 2>"$errors" || give_up "the place for backups cannot be written"
file=$(draft "$backup")
pg_dump --no-password --format=custom --lock-wait-timeout=60s --file="$file" --dbname="$database" 2>"$errors" ||
    give_up "pg_dump failed"
sha256=$(sha256sum <"$file" | cut -c 1-64)
size=$(wc -c <"$file" | tr -d ' ')

outcome=$(printf '%s,"serverVersion":"%s","clientVersion":"%s","path":"%s","sizeBytes":%s,"sha256":"%s","durationSeconds":%s' \
    "$(known_facts)" "$(fact serverVersion)" "$client" "$backup" "$size" "$sha256" "$(($(date +%s) - started))")
{ printf '{%s,"database":"%s"}\n' "$outcome" "$(fact database)" >"$(draft "$manifest")"; } 2>"$errors" ||
    give_up "the manifest cannot be written"
{ printf '%s' "$RELEASEFLOW_RESTORE" | sed "s/<SHA256>/$sha256/" >"$(draft "$restore")"; } 2>"$errors" ||
    give_up "the restore command cannot be written"
put "$restore" "$manifest" "$backup" 2>"$errors" || give_up "the backup cannot be kept"
succeed "$outcome"
say "Wrote $size bytes, sha256 $sha256"
