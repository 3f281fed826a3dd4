
# Remove old backups that the operator names, each only if it is still the one that was recorded. Never fails.
set +e
pruned=
warning=

warn() {
    warning="${warning:+$warning; }$1"
    say "Warning: $1"
}

remove_recorded() {
    manifest=${2%.dump}.json
    case /$2/ in
    */../* | //*) warn "$2 is no path inside the place for backups"; return ;;
    esac
    [ "$2" != "$RELEASEFLOW_PATH" ] || { warn "$2 is the backup that was just taken"; return; }
    if has "$2"; then
        grep -q "\"sha256\":\"$1\"" "$(get "$manifest")" 2>/dev/null || { warn "$2 is not the backup that was recorded"; return; }
        remove "$2" "$manifest" "${2%.dump}.restore.sh" 2>"$errors" || { warn "$2 cannot be removed: $(cat "$errors")"; return; }
        say "Removed $2"
    fi
    [ "${#pruned}" -gt 2500 ] || pruned="${pruned:+$pruned,}\"$(printf '%s' "$2" | one_line 250)\""
}

while read -r sha256 path; do
    [ -z "$path" ] || remove_recorded "$sha256" "$path"
done <<LIST
${RELEASEFLOW_PRUNE:-}
LIST

# What attempts left behind that were ended in mid-write.
abandoned "${RELEASEFLOW_PATH%/*}" >"$RELEASEFLOW_SCRATCH/abandoned" 2>"$errors" || warn "$(cat "$errors")"
while read -r path; do
    discard "$path" 2>"$errors" || warn "$(cat "$errors")"
done <"$RELEASEFLOW_SCRATCH/abandoned"

succeed "$(printf '"pruned":[%s],"warning":"%s"' "$pruned" "$(printf '%s' "$warning" | one_line 250)")"
exit 0
