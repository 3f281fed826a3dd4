
# Record a second and a position in the write-ahead log that the database can be restored to. The second is the next
# whole one, and is waited for: what was committed until now lies before it, and what comes after this program behind.
client=$(psql --version | awk '{ print $3 }')
say "Inspecting the database with client $client"
ask
refuse_sessions
point=$(psql --no-psqlrc --no-password --no-align --tuples-only --quiet --field-separator== --set=ON_ERROR_STOP=1 \
    --dbname="$database" 2>"$errors" <<'SQL'
select 'standby', pg_is_in_recovery();
select floor(extract(epoch from clock_timestamp())) + 1 as second \gset
select pg_sleep_until(to_timestamp(:second)) \g /dev/null
select 'second', to_char(to_timestamp(:second) at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"');
-- Some providers forbid to ask for the position: then the second is all that there is.
\set ON_ERROR_STOP off
select 'lsn', pg_current_wal_insert_lsn();
SQL
) || fail "$(reason_of_errors BackupFailed)" "$(head -n 1 "$errors")"

recorded() {
    printf '%s\n' "$point" | sed -n "s/^$1=//p" | one_line 64
}

if [ "$(recorded standby)" != f ]; then
    fail BackupFailed "the database is a standby: name its primary, which alone can be migrated"
fi
succeed "$(printf '%s,"serverVersion":"%s","clientVersion":"%s","recoveryTime":"%s","recoveryLSN":"%s"' \
    "$(known_facts)" "$(fact serverVersion)" "$client" "$(recorded second)" "$(recorded lsn)")"
say "The database can be restored to $(recorded second), LSN $(recorded lsn)"
