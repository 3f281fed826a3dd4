
# Remove old backups that the operator names, each only if it is still the one that was recorded. Never fails.
set +e
pruned=
warning=

warn() {
    warning="${warning:+$warning; }$1"
    say "Warning: $1"
}

remove() {
    file=$RELEASEFLOW_BACKUPS/$2
    manifest=${file%.dump}.json
    case /$2/ in
    */../* | //*) warn "$2 is no path inside the volume"; return ;;
    esac
    [ "$2" != "$RELEASEFLOW_PATH" ] || { warn "$2 is the backup that was just taken"; return; }
    if [ -e "$file" ]; then
        grep -q "\"sha256\":\"$1\"" "$manifest" 2>/dev/null || { warn "$2 is not the backup that was recorded"; return; }
        rm -f "$file" "$manifest" "${file%.dump}.restore.sh" 2>"$errors" || { warn "$2 cannot be removed: $(cat "$errors")"; return; }
        say "Removed $2"
    fi
    [ "${#pruned}" -gt 2500 ] || pruned="${pruned:+$pruned,}\"$(printf '%s' "$2" | one_line 250)\""
}

while read -r sha256 path; do
    [ -z "$path" ] || remove "$sha256" "$path"
done <<LIST
${RELEASEFLOW_PRUNE:-}
LIST

# What attempts left behind that were ended in mid-write; none may run longer than a week.
folder=$RELEASEFLOW_BACKUPS/${RELEASEFLOW_PATH%/*}
find "$folder" -maxdepth 1 -type f -name '*.part' -mtime +7 -exec rm -f {} + 2>"$errors" || warn "$(cat "$errors")"

succeed "$(printf '"pruned":[%s],"warning":"%s"' "$pruned" "$(printf '%s' "$warning" | one_line 250)")"
exit 0
