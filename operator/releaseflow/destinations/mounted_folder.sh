# How a backup is put into a mounted folder, read back, listed and removed. Names are paths in the folder.

# Print the file to write NAME into. It has another name until it is put.
draft() {
    printf '%s' "$RELEASEFLOW_BACKUPS/$1.part"
}

# Make room for drafts of NAME..., and remove what is there of earlier ones.
prepare() {
    for entry in "$@"; do
        parent=$RELEASEFLOW_BACKUPS/$entry
        mkdir -p "${parent%/*}" || return 1
    done
    discard "$@"
}

# Give the drafts of NAME... their names, in this order, once all of them would outlive a power cut.
put() {
    for entry in "$@"; do sync "$(draft "$entry")" || return 1; done
    for entry in "$@"; do mv "$(draft "$entry")" "$RELEASEFLOW_BACKUPS/$entry" || return 1; done
    parent=$RELEASEFLOW_BACKUPS/$entry
    sync "${parent%/*}" || true
}

discard() {
    for entry in "$@"; do rm -f "$(draft "$entry")" || return 1; done
}

# Print the file to read NAME from.
get() {
    printf '%s' "$RELEASEFLOW_BACKUPS/$1"
}

has() {
    [ -e "$RELEASEFLOW_BACKUPS/$1" ]
}

# List the drafts in a folder whose attempt has ended: none may run longer than a week.
abandoned() {
    found=$(cd "$RELEASEFLOW_BACKUPS" && find "$1" -maxdepth 1 -type f -name '*.part' -mtime +7) || return 1
    printf '%s\n' "$found" | sed -n 's/\.part$//p'
}

remove() {
    for entry in "$@"; do rm -f "$RELEASEFLOW_BACKUPS/$entry" || return 1; done
}

