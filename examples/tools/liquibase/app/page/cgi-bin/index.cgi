#!/bin/sh
# Answers every request with the application's version, as soon as the widgets can be read.
if widgets=$(psql -Atc 'select count(*) from widgets where price_cents >= 0' "$DATABASE_URL" 2>&1); then
    printf 'Content-Type: application/json\r\n\r\n{"version":"%s","widgets":%s}' "$APP_VERSION" "$widgets"
else
    printf 'Status: 503 Service Unavailable\r\n\r\n%s' "$widgets"
fi
