
# Find the way to the database: a URL as applications write it, or six variables, becomes $database, which libpq reads,
# and PGPASSWORD. No password is ever on a command line, where every process of the node can read it.
export PGCONNECT_TIMEOUT="${PGCONNECT_TIMEOUT:-10}"

# Fill $value with a part of the connection: the kubelet leaves a reference to a variable that does not exist as it is.
given() {
    eval "value=\${RELEASEFLOW_DATABASE_$1-}"
    prefix="\$(RELEASEFLOW_APP_"
    name=${value#"$prefix"}
    if [ "$name" != "$value" ] && [ "$name" = "${name%%)*})" ]; then
        fail ConnectionNotFound "the application has no variable ${name%?}"
    fi
    value=$(printf '%s\n' "$value" | sed "s/\\\$(RELEASEFLOW_APP_/\$(/g")
}

if [ -n "${RELEASEFLOW_DATABASE_HOST+given}" ]; then
    for part in HOST PORT USERNAME PASSWORD DATABASE OPTIONS; do
        given "$part"
        export "RELEASEFLOW_DATABASE_$part=$value"
    done
    [ -n "$RELEASEFLOW_DATABASE_HOST" ] || fail ConnectionNotFound "the variable with the host is empty"
    [ -n "$RELEASEFLOW_DATABASE_DATABASE" ] || fail ConnectionNotFound "the variable with the database's name is empty"
else
    given URL
    [ -n "$value" ] || fail ConnectionNotFound "the variable with the connection URL is empty"
    export RELEASEFLOW_DATABASE_URL="$value"
fi
unset value

# Print the separate variables as a connection string of libpq, but for the password; OPTIONS are like a URL's query.
separate_variables() {
    awk '
    function put(key, text) {
        gsub(/[\\\x27]/, "\\\\&", text)
        if (text != "") printf "%s=\x27%s\x27 ", key, text
    }
    BEGIN {
        put("host", ENVIRON["RELEASEFLOW_DATABASE_HOST"]); put("port", ENVIRON["RELEASEFLOW_DATABASE_PORT"])
        put("user", ENVIRON["RELEASEFLOW_DATABASE_USERNAME"]); put("dbname", ENVIRON["RELEASEFLOW_DATABASE_DATABASE"])
        count = split(ENVIRON["RELEASEFLOW_DATABASE_OPTIONS"], pairs, /[?& \t\n]+/)
        for (i = 1; i <= count; i++)
            if ((at = index(pairs[i], "=")) > 0) put(substr(pairs[i], 1, at - 1), substr(pairs[i], at + 1))
    }'
}

# Print the URL without its password, then the password; or say on one line what is wrong with it.
parsed_url() {
    awk '
    function wrong(why) { print why; failed = 1; exit 1 }
    function decoded(text,   out, at, code) {
        while ((at = match(text, /%[0-9A-Fa-f][0-9A-Fa-f]/)) > 0) {
            code = 16 * (index(hex, tolower(substr(text, at + 1, 1))) - 1)
            code += index(hex, tolower(substr(text, at + 2, 1))) - 1
            out = out substr(text, 1, at - 1) (code ? sprintf("%c", code) : "")
            text = substr(text, at + 3)
        }
        return out text
    }
    function known(key) {
        return key ~ /^(host|hostaddr|port|dbname|user|options|connect_timeout|tcp_user_timeout|keepalives[a-z_]*)$/ ||
            key ~ /^(ssl[a-z]+|ssl_(min|max)_protocol_version|gssencmode|krbsrvname|channel_binding|requirepeer)$/ ||
            key ~ /^(target_session_attrs|load_balance_hosts|require_auth)$/
    }
    BEGIN {
        hex = "0123456789abcdef"
        url = ENVIRON["RELEASEFLOW_DATABASE_URL"]
        gsub(/^[ \t\r\n]+/, "", url); gsub(/[ \t\r\n]+$/, "", url)
        if (!match(url, /^(<SCHEMES>)(\+[a-z0-9_]+)?:\/\//))
            wrong("the connection URL does not begin with postgresql:// or postgres://")
        rest = substr(url, RLENGTH + 1)
        end = match(rest, /[\/?]/)
        authority = end ? substr(rest, 1, end - 1) : rest
        rest = end ? substr(rest, end) : ""
        user = ""; password = ""
        if (match(authority, /.*@/)) {
            user = substr(authority, 1, RLENGTH - 1)
            authority = substr(authority, RLENGTH + 1)
            if ((colon = index(user, ":")) > 0) { password = substr(user, colon + 1); user = substr(user, 1, colon - 1) }
        }
        query = ""
        if ((mark = index(rest, "?")) > 0) { query = substr(rest, mark + 1); rest = substr(rest, 1, mark - 1) }
        count = split(authority, hosts, ",")
        for (i = 1; i <= count; i++)
            if (hosts[i] !~ /^(\[[^]]*\]|[^:]*)(:[0-9]*)?$/) odd = 1
        if (odd || rest ~ /@/ || query ~ /@.*\//)
            wrong("the connection URL cannot be read: write / in a user or password as %2F, ? as %3F, : as %3A and @ as %40")
        kept = ""
        count = split(query, pairs, "&")
        for (i = 1; i <= count; i++) {
            key = pairs[i]; sub(/=.*/, "", key)
            if (key == "password") password = substr(pairs[i], 10)
            else if (key == "ssl" ? pairs[i] == "ssl=true" : known(key)) kept = kept (kept == "" ? "?" : "&") pairs[i]
        }
        print "postgresql://" (user == "" ? "" : user "@") authority rest kept
        print decoded(password)
    }'
}

if [ -n "${RELEASEFLOW_DATABASE_HOST:-}" ]; then
    database=$(separate_variables)
    password=${RELEASEFLOW_DATABASE_PASSWORD:-}
else
    parsed=$(parsed_url) || fail ConnectionFailed "$parsed"
    database=$(printf '%s\n' "$parsed" | sed -n 1p)
    password=$(printf '%s\n' "$parsed" | sed -n 2p)
fi
if [ -n "$password" ]; then export PGPASSWORD="$password"; fi
unset parsed password

# Tell what a client of the database complained of, as one word of the operator's closed set; $1 where none fits.
reason_of_errors() {
    case $(cat "$errors") in
    *"No space left on device"* | *"Disk quota exceeded"*) echo VolumeFull ;;
    *"server version mismatch"*) echo ClientTooOld ;;
    *"password authentication failed"* | *"no password supplied"* | *"no pg_hba.conf entry"* | *" authentication failed"* | \
        *"not permitted to log in"* | *role*"does not exist"*) echo AuthenticationFailed ;;
    *FATAL*database*"does not exist"*) echo DatabaseNotFound ;;
    *"connection to server"* | *"could not translate host name"* | *"server closed the connection"* | \
        *"terminating connection"* | *"timeout expired"*) echo ConnectionFailed ;;
    *) echo "$1" ;;
    esac
}
