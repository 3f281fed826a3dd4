
# Back the database up: first under a name that says it is not whole, in the end under its own, beside it a manifest and
# the command that restores it.
started=$(date +%s)
file=$RELEASEFLOW_BACKUPS/$RELEASEFLOW_PATH
folder=${file%/*}
manifest=${file%.dump}.json
restore=${file%.dump}.restore.sh

give_up() {
    reason=$(reason_of_errors BackupFailed)
    rm -f "$file.part" "$manifest.part" "$restore.part"
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
if [ -n "$(fact sessions)" ]; then
    fail SessionsAlive "sessions of another run are still in the database: $(fact sessions)"
fi

say "Writing $RELEASEFLOW_PATH"
mkdir -p "$folder" 2>"$errors" || give_up "the folder for backups cannot be made"
rm -f "$file.part" "$manifest.part" "$restore.part"
pg_dump --no-password --format=custom --lock-wait-timeout=60s --file="$file.part" --dbname="$database" 2>"$errors" ||
    give_up "pg_dump failed"
sync "$file.part" 2>"$errors" || give_up "the backup cannot be kept"
sha256=$(sha256sum <"$file.part" | cut -c 1-64)
size=$(wc -c <"$file.part" | tr -d ' ')

outcome=$(printf '%s,"serverVersion":"%s","clientVersion":"%s","path":"%s","sizeBytes":%s,"sha256":"%s","durationSeconds":%s' \
    "$(known_facts)" "$(fact serverVersion)" "$client" "$RELEASEFLOW_PATH" "$size" "$sha256" "$(($(date +%s) - started))")
{ printf '{%s,"database":"%s"}\n' "$outcome" "$(fact database)" >"$manifest.part"; } 2>"$errors" ||
    give_up "the manifest cannot be written"
sync "$manifest.part" 2>"$errors" || give_up "the manifest cannot be kept"
{ printf '%s' "$RELEASEFLOW_RESTORE" | sed "s/<SHA256>/$sha256/" >"$restore.part"; } 2>"$errors" ||
    give_up "the restore command cannot be written"
sync "$restore.part" 2>"$errors" || give_up "the restore command cannot be kept"
mv "$restore.part" "$restore"
mv "$manifest.part" "$manifest"
mv "$file.part" "$file"
sync "$folder" || true
succeed "$outcome"
say "Wrote $size bytes, sha256 $sha256"
