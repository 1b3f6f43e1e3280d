#!/bin/bash
# SPDX-License-Identifier: LGPL-3.0-or-later
# What machines can say about the sources: shellcheck, clang-tidy, cppcheck,
# the licence, and names that must not be in the tree.
# shellcheck source=tests/lab/lib.sh
. tests/lab/lib.sh

# Those that are sourced (*.sh) are read by way of those that source them.
scripts() {
    git ls-files -co --exclude-standard | while read -r file; do
        [[ -f $file && $file != *.sh ]] || continue
        head -n 1 "$file" | grep -aqE '^#!.*/(env )?(ba)?sh' && echo "$file"
    done
}

# Every source names its licence; data, patches and prose need not.
licensed() {
    local file missing=0
    while read -r file; do
        case $file in *.md | *.rst | packaging/debian/* | *.patch | *.diff | patches/series/steps | patches/series/cover | *.sha256 | *.json | *.iolog | LICENSE | .* | results/* | patches/seabios.config | tests/fuzz/corpus/* | src/std/xen/*) continue ;; esac
        head -n 3 "$file" | grep -q 'SPDX-License-Identifier: LGPL-3.0-or-later' && continue
        echo "no SPDX line: $file"
        missing=1
    done < <(git ls-files)
    return "$missing"
}

# The tree speaks of itself alone: no folder of some machine's.
no_foreign_paths() {
    ! git grep -nE '(^|[^A-Za-z0-9_."}])/(home|root|work)/' -- . ':!LICENSE' ':!tests/lint.t'
}

# Each test that a document names as *file:test* is there.
tests_are_there() {
    local file name missing=0
    while IFS=: read -r file name; do
        grep -qs "^test_$name(" "tests/unit/test_$file.c" && continue
        echo "tests/unit/test_$file.c has no test_$name, which DESIGN.md or doc/ names"
        missing=1
    done < <(grep -ohE '\*[a-z_]+:[a-z0-9_]+\*' DESIGN.md doc/*.md | tr -d '*' | sort -u)
    return "$missing"
}

mapfile -t all < <(scripts)
check "shellcheck finds nothing in ${#all[@]} scripts" shellcheck "${all[@]}"
# Clang's analyzer is dear: but for `make lint` and `make check-long` it reads the
# driver alone.
less='-clang-analyzer-*'
! is_long || less=
check "clang-tidy, cppcheck and gcc -fanalyzer find nothing" \
    env -u MAKEFLAGS -u MAKELEVEL make -s lint-c TIDY_LESS="$less"
check "every source has its SPDX line" licensed
check "the tests that DESIGN.md and doc/ name are there" tests_are_there
check "no path of a machine's is in the tree" no_foreign_paths
done_testing
