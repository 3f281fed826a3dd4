# Say how it went: progress on standard output, the outcome as one JSON object where Kubernetes keeps it.
set -eu
export LC_ALL=C
umask 027

errors=$RELEASEFLOW_SCRATCH/errors
reported=no

say() {
    printf '%s\n' "$*"
}

# Make standard input one line that is valid between quotes in JSON: the API server takes nothing that is not UTF-8.
one_line() {
    tr '\n\t\\"' "  /'" | tr -cd ' -~' | hide_password | sed 's/ *$//' | cut -c "1-$1"
}

hide_password() {
    awk 'BEGIN { secret = ENVIRON["PGPASSWORD"] }
        { text = ""; rest = $0
          while (secret != "" && (at = index(rest, secret)) > 0) {
              text = text substr(rest, 1, at - 1) "***"; rest = substr(rest, at + length(secret)) }
          print text rest }'
}

succeed() {
    printf '{"ok":true,%s}' "$1" >"$RELEASEFLOW_REPORT"
    reported=yes
}

fail() {
    detail=$(printf '%s' "$2" | one_line 500)
    printf '{"ok":false,"reason":"%s","detail":"%s"}' "$1" "$detail" >"$RELEASEFLOW_REPORT"
    say "$1: $detail"
    reported=yes
    exit 1
}

at_exit() {
    code=$?
    if [ "$code" -ne 0 ] && [ "$reported" = no ] && [ ! -s "$RELEASEFLOW_REPORT" ]; then
        detail=$(one_line 400 2>/dev/null <"$errors" || true)
        printf '{"ok":false,"reason":"BackupFailed","detail":"ended with exit code %s: %s"}' "$code" "$detail" \
            >"$RELEASEFLOW_REPORT"
    fi
}
trap at_exit EXIT
: >"$errors"
