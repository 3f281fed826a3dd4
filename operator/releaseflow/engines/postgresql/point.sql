-- A second and a position in the write-ahead log that the database can be restored to. The second is the next whole one,
-- and is waited for: what was committed until now lies before it, and what comes after this program behind.
select 'standby', pg_is_in_recovery();
select floor(extract(epoch from clock_timestamp())) + 1 as second \gset
select pg_sleep_until(to_timestamp(:second)) \g /dev/null
select 'second', to_char(to_timestamp(:second) at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"');
-- Some providers forbid to ask for the position: then the second is all that there is.
\set ON_ERROR_STOP off
select 'lsn', pg_current_wal_insert_lsn();
