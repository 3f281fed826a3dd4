
# Prove the backup: read back whole, and it is what was written, of the database that was meant.
contents=$RELEASEFLOW_SCRATCH/contents

recorded() {
    sed -n "s/.*\"$1\":\"\{0,1\}\([^\",}]*\).*/\1/p" "$manifest"
}

unverified() {
    fail BackupUnverified "$1: $(cat "$errors")"
}

file=$(get "$RELEASEFLOW_PATH" 2>"$errors") || unverified "it cannot be read back"
manifest=$(get "${RELEASEFLOW_PATH%.dump}.json" 2>"$errors") || unverified "its manifest cannot be read back"
for part in "$file" "$manifest"; do [ -s "$part" ] || unverified "${part##*/} is missing or empty"; done
size=$(wc -c <"$file" | tr -d ' ')
say "Reading $RELEASEFLOW_PATH back, $size bytes"
sha256=$(sha256sum <"$file" | cut -c 1-64)
[ "$sha256" = "$(recorded sha256)" ] || unverified "what was read back is not what was written (sha256 $sha256)"
pg_restore --file=/dev/null "$file" 2>"$errors" || unverified "pg_restore cannot read it"
if [ "$size" -lt "$RELEASEFLOW_MINIMUM_SIZE_BYTES" ]; then
    fail BackupTooSmall "$size bytes, and at least $RELEASEFLOW_MINIMUM_SIZE_BYTES were expected"
fi

pg_restore --list "$file" >"$contents" 2>"$errors" || unverified "pg_restore cannot list it"
database=$(sed -n 's/^; *dbname: //p' "$contents" | one_line 250)
[ "$database" = "$(recorded database)" ] || unverified "it is of database $database, not $(recorded database)"
tables=$(awk '$4 == "TABLE" && $5 != "DATA" { count++ } END { print count + 0 }' "$contents")
if [ "$(recorded tables)" -gt 0 ] && [ "$tables" -eq 0 ]; then unverified "it has no tables"; fi

succeed "$(printf '"proof":"%s","sha256":"%s","sizeBytes":%s' \
    "read back whole by pg_restore $(pg_restore --version | awk '{ print $3 }'): sha256 as written, $tables tables" "$sha256" "$size")"
say "Proven: sha256 as written, $tables tables"
