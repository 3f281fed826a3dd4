#!/bin/sh
# Starts PostgreSQL under the contract of the official image: POSTGRES_USER, POSTGRES_PASSWORD, POSTGRES_DB, PGDATA.
# Any command but `postgres` runs as it is, so that the image serves as a client too.
set -eu

if [ "${1:-postgres}" != postgres ]; then
  exec "$@"
fi

: "${POSTGRES_USER:=postgres}"
: "${POSTGRES_DB:=$POSTGRES_USER}"
if [ ! -s "$PGDATA/PG_VERSION" ]; then
  : "${POSTGRES_PASSWORD:?set POSTGRES_PASSWORD (from a Secret): the superuser's password of the new database}"
  umask 077
  unfinished="$PGDATA.new"
  password_file=$(mktemp)
  rm -rf "$unfinished"
  printf '%s\n' "$POSTGRES_PASSWORD" >"$password_file"
  initdb --pgdata="$unfinished" --username="$POSTGRES_USER" --pwfile="$password_file" \
    --auth-local=trust --auth-host=scram-sha-256 --encoding=UTF8 --locale=C.UTF-8 --no-sync
  rm -f "$password_file"
  echo 'jit = off' >>"$unfinished/postgresql.conf"
  echo 'host all all all scram-sha-256' >>"$unfinished/pg_hba.conf"
  if [ "$POSTGRES_DB" != postgres ]; then
    printf 'CREATE DATABASE :"name";\n' >"$unfinished.sql"
    pg_ctl --pgdata="$unfinished" --wait --silent --options="-c listen_addresses='' -c unix_socket_directories=/var/run/postgresql" start
    psql --quiet --no-psqlrc --set=ON_ERROR_STOP=1 --host=/var/run/postgresql --username="$POSTGRES_USER" --dbname=postgres \
      --set=name="$POSTGRES_DB" --file="$unfinished.sql"
    pg_ctl --pgdata="$unfinished" --wait --silent --mode=fast stop
    rm -f "$unfinished.sql"
  fi
  mv "$unfinished" "$PGDATA"
fi
unset POSTGRES_PASSWORD
shift 2>/dev/null || true
exec postgres -D "$PGDATA" -c listen_addresses='*' -c unix_socket_directories=/var/run/postgresql "$@"
