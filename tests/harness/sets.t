#!/bin/bash
# SPDX-License-Identifier: LGPL-3.0-or-later
# The sets that bench/budgets is for run what it names, each once in time and once
# traced. The lab is a script that runs nothing.
# shellcheck source=tests/lab/lib.sh
. tests/lab/lib.sh

tree=$work/tree
mkdir -p "$tree"/{lab,build/bench,build/baseline}
ln -s "$PWD/bench" "$tree/"
ln -s "$PWD"/build/bench/{int13img,stage.nm,exits,count.so,int13bench} "$tree/build/bench/"
printf '#!/bin/sh\nexit 77\n' >"$tree/lab/xenlab"
chmod +x "$tree/lab/xenlab"
: >"$tree/build/bios.bin"
grep -ho 'build/baseline/.*\.bin' bench/sets/figures bench/sets/peers | while read -r file; do
    : >"$tree/$file"
done

# runs SET COUNT FIGURE...: in the set's guests are all of the budgets for these
# figures, and there are so many in all.
runs() {
    local set=$1 count=$2 pattern figure path kind guests
    shift 2
    (cd "$tree" && build/bench/int13bench run "@bench/sets/$set" --out "$set" >"$set.log" 2>&1)
    guests=$(sed -n "s,.* --out $set/\([^ ]*\).*,\1,p" "$tree/$set/batch")
    (($(wc -l <<<"$guests") == count)) || { echo "$guests"; return 1; }
    while read -r pattern figure _; do
        [[ " $* " == *" $figure "* ]] || continue
        path=${pattern%/*}
        for kind in 1 traced; do
            # shellcheck disable=SC2053 # a pattern
            while read -r guest; do [[ $guest == ${path//\//-}-$kind ]] && continue 2; done <<<"$guests"
            echo "no guest ${path//\//-}-$kind for $pattern"
            return 1
        done
    done < <(grep -v '^#' bench/budgets)
}

check "figures" runs figures 4 us exits qemu firmware
check "peers" runs peers 50 us exits qemu firmware slower-than
done_testing
