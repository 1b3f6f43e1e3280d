#!/bin/bash
# SPDX-License-Identifier: LGPL-3.0-or-later
# Whoever asks a command of the tree for help gets it, and nothing else happens; a
# word that it does not know is an error, and nothing happens, either.
. tests/lab/lib.sh

commands=(bench/host-report bench/profile/run
    bench/scenarios/{boot-phases,ceilings,demo,full,loaders} bench/streams/record
    doc/tables lab/packages lab/xenlab packaging/{blkfront-status,deb,dist,install,man,rpm,uninstall,version} \
    patches/prepare patches/series/{check,generate} tests/fuzz/{keep,search} tests/lab/mkguest
    tests/model/{explore,steps} tests/mutants/run tests/structure)

# A folder with the tree's files and nothing that is built, where all that happens
# can be seen.
tree=$work/tree
mkdir -p "$tree"
git ls-files -z | tar -c --null -T - | tar -x -C "$tree"
contents() {
    (cd "$tree" && find . -type f -exec sha256sum {} + | sort -k 2)
}
before=$(contents)

# asked STATUS WORD COMMAND: the command ends so, says something, and does nothing.
asked() {
    local said status
    said=$(cd "$tree" && timeout 60 "$3" "$2" 2>&1 </dev/null)
    status=$?
    echo "status $status: $said"
    ((status == $1)) && [[ $said ]] && [[ $(contents) == "$before" ]]
}

for command in "${commands[@]}"; do
    check "$command --help" asked 0 --help "$command"
done
for command in bench/host-report bench/profile/run bench/scenarios/{boot-phases,demo,full,loaders} doc/tables \
    packaging/{blkfront-status,deb,dist,install,man,rpm,uninstall,version} \
    patches/prepare patches/series/{check,generate} tests/fuzz/{keep,search}; do
    check "$command with a word that it does not know" asked 2 --typo "$command"
done
done_testing
