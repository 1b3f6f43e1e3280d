# shellcheck shell=bash
# SPDX-License-Identifier: LGPL-3.0-or-later
# Which Debian release dom0 is made from: one line of lab/releases.

readonly cache=$tree/build/lab

# release_choose NAME SOURCE: sets $release, $release_xen, and $image_root, where
# that release's images and states are kept. SOURCE, for a message, is who asks
# for NAME; an empty NAME is the default.
release_choose() {
    local name xen names=()
    while read -r name xen; do
        names+=("$name")
        [[ $name == "${1:-$name}" ]] || continue
        release=$name release_xen=$xen image_root=$cache/$name
        return
    done < <(grep -v '^#' "$lab/releases")
    usage_error "$2 wants one of: ${names[*]}"
}
