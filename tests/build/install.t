#!/bin/bash
# SPDX-License-Identifier: LGPL-3.0-or-later
# What `make install` has installed works outside of the tree, and `make uninstall`
# leaves what was there before.
# shellcheck source=tests/lab/lib.sh
. tests/lab/lib.sh

root=$PWD/$work/root
usr=$root/usr
libexec=$usr/libexec/seabios-blkfront
elsewhere=$work/elsewhere
[[ -e build/man/xenlab.1 ]] || skip_all "make installable has not been run"
rm -rf "$root" "$elsewhere"
mkdir -p "$usr/share/man/man1" "$elsewhere"
touch "$usr/share/man/man1/ls.1"

# there COMMAND...: runs it elsewhere, with what has been installed in front.
there() {
    (cd "$elsewhere" && PATH=$usr/bin:$PATH HOME=$PWD XDG_CACHE_HOME='' "$@")
}

# says REGEX COMMAND...: it shows that.
says() {
    local regex=$1 said
    shift
    said=$(there "$@" 2>&1)
    grep -qE -- "$regex" <<<"$said" || { echo "$said"; return 1; }
}

no_warnings() {
    local page said
    for page in "$usr"/share/man/man1/[bix]*.1; do
        said=$(man --warnings -l "$page" 2>&1 >/dev/null </dev/null)
        [[ ! $said ]] || { echo "$page: $said"; return 1; }
    done
}

# Nothing that is installed names a folder of this machine.
no_tree_in_it() {
    ! grep -rlaF "$PWD/" "$usr" | grep -v '/int13bench$\|/int13img$\|/count.so$\|/exits$'
}

descriptor_is_good() {
    jq -e '.mapping.filename == "/usr/share/seabios-blkfront/bios.bin"
        and ."interface-types" == ["bios"]
        and ([.targets[].machines[] | startswith("xenfv")] | all)' \
        "$usr/share/qemu/firmware/90-seabios-blkfront.json"
}

# Links from one of these documents to another lead to what has been installed, but for
# those to folders that are not.
links_lead_somewhere() {
    local file link missing=0
    while read -r file; do
        while read -r link; do
            [[ -e ${file%/*}/$link ]] && continue
            echo "$file: $link"
            missing=1
        done < <(grep -oE '\]\([^():#]+\.md' "$file" | cut -c3- |
            grep -vE '^(\.\./)*(bench|lab|loader|results)/|^(\.\./)*CONTRIBUTING')
    done < <(find "$usr/share/doc/seabios-blkfront" -name '*.md')
    return "$missing"
}

# completes WORD... : what Tab offers behind the last word.
# shellcheck disable=SC2016 # for the inner shell
completes() {
    there bash -c '. /usr/share/bash-completion/bash_completion
        . "$0/share/bash-completion/completions/$1"
        COMP_WORDS=("$@") COMP_CWORD=$(($# - 1)) COMP_LINE="$*" COMP_POINT=${#COMP_LINE}
        _seabios_blkfront && printf "%s\n" "${COMPREPLY[@]}"' "$usr" "$@"
}
offers() {
    local wanted=$1
    shift
    grep -qx -- "$wanted" <<<"$(completes "$@")"
}

check "it is installed" packaging/install "$root" /usr
check "the firmware is" cmp build/bios.bin "$usr/share/seabios-blkfront/bios.bin"
check "its description is good" descriptor_is_good
version=$(<build/version)
for command in blkfront-status blkload int13bench int13bench-host-report xenlab; do
    check "$command says its version" says "^$command $version" "$command" --version
    check "$command has a --help, as it is called there" says "^ *(usage: )?$command" "$command" --help
    check "and a manual page" test -s "$usr/share/man/man1/$command.1"
done
check "no page has a warning" no_warnings
check "no file names the tree" no_tree_in_it
check "the documents are there" test -s "$usr/share/doc/seabios-blkfront/doc/handover.md"
check "and their links lead to each other" links_lead_somewhere
check "the reports are there" test -s "$usr/share/doc/seabios-blkfront/report-full/report.html"

check "int13bench finds its jobs" says 'GRUB|grub' int13bench check bench/jobs/boot.fio
check "and says what it does not find" says 'nowhere.fio: No such file' int13bench check nowhere.fio
check "xenlab knows what it can be made of" says '^bookworm ' xenlab release
# The stand-in for the lab keeps what it was called with: no tool was missing.
cat >"$libexec/lab/xenlab" <<'END'
#!/bin/sh
cp "$(eval "echo \${$#}")" batch
echo 'xenlab: no lab here' >&2
exit 3
END
check "int13bench runs with all that it needs" says 'no lab here' int13bench run \
    @bench/sets/quick --out d
check "it calls the lab with the firmware that is installed" \
    shows "$elsewhere/batch" "--bios [^ ]*$libexec/build/bios.bin|--bios [^ ]*libexec/seabios-blkfront/build/bios.bin"

if [[ -e /usr/share/bash-completion/bash_completion ]]; then
    check "Tab offers commands" offers batch xenlab ''
    check "and options" offers --initrd blkload --in
    check "and those of a command" offers --repetitions int13bench run --rep
fi

check "it is removed" packaging/uninstall "$root" /usr
check "but for what was there" test "$(cd "$root" && find . ! -type d)" = ./usr/share/man/man1/ls.1
check "and no folder of its own" test -z "$(find "$root" -name '*blkfront*')"
done_testing
