#!/bin/bash
# SPDX-License-Identifier: LGPL-3.0-or-later
# lab/packages installs what is missing, once, however many of it run at a time.
# apt-get, apt-cache and dpkg-query are stand-ins, which know one package.
. tests/lab/lib.sh

((EUID == 0)) || skip_all "needs root: lab/packages would ask sudo for the real apt-get"

mkdir -p "$work/bin" "$work/lab"
cp lab/packages "$work/lab/"
# As the real one does, it fails while another one holds the lists.
cat >"$work/bin/apt-get" <<EOF
#!/bin/bash
mkdir "$work/busy" || { echo "E: could not get lock"; exit 100; }
printf '%s\n' "\$*" >>"$work/calls"
sleep 0.3
[[ " \$* " != *" install "* ]] || : >"$work/installed"
rmdir "$work/busy"
EOF
printf '#!/bin/sh\n[ ! -e "%s" ] || echo installed\n' "$work/installed" >"$work/bin/dpkg-query"
printf '#!/bin/sh\n' >"$work/bin/apt-cache"
chmod +x "$work/bin/"*

# Runs lab/packages four times at once; fails if one of them does.
four() {
    local job jobs=() status=0
    for _ in 1 2 3 4; do
        PATH=$work/bin:$PATH "$work/lab/packages" libsomething-dev </dev/null &
        jobs+=("$!")
    done
    for job in "${jobs[@]}"; do
        wait "$job" || status=1
    done
    return "$status"
}

check "four at once: none fails" four
check "the package is installed once" test "$(grep -c ' install ' "$work/calls")" = 1
before=$(cat "$work/calls")
check "once it is there" four
check "apt-get is not asked" test "$(cat "$work/calls")" = "$before"

# A build of a package asks nobody for anything.
rm "$work/installed"
check "with NO_PACKAGES nothing is installed" env NO_PACKAGES=1 PATH="$work/bin:$PATH" "$work/lab/packages" libsomething-dev
check "and apt-get is not asked" test "$(cat "$work/calls")" = "$before"
done_testing
