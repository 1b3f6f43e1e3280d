#!/bin/bash
# SPDX-License-Identifier: LGPL-3.0-or-later
# The documents are short enough to be read, and whatever one of them, or a source,
# refers to in a document is there.
# shellcheck source=tests/lab/lib.sh
. tests/lab/lib.sh

# at_most LINES FILE
at_most() {
    local lines
    lines=$(wc -l <"$2")
    ((lines <= $1)) || { echo "$2 has $lines lines: move what few need to doc/"; return 1; }
}

# references [TOP]: that of documents, as links and by name, and of sources, by name.
# Says what is not there.
references() (
    cd "${1-.}" || exit
    git ls-files -co --exclude-standard | grep -v -e '^results/' -e '^tests/documents.t$' | perl -e '
        use strict;
        use warnings;
        use File::Basename qw(dirname);
        my ($missing, %sections) = (0);
        sub text { my ($file) = @_; open my $in, "<", $file or return ""; local $/; return scalar(<$in>) // ""; }
        # The headings of a document, as names of sections and as anchors.
        sub sections
        {
            my ($file) = @_;
            return $sections{$file} //= { map { ($_ => 1, "#" . lc() =~ s/[^\w\- ]//gr =~ s/ /-/gr => 1) }
                text($file) =~ /^#+ +(.*?) *$/mg };
        }
        sub complain { my ($file, $what) = @_; print "$file: $what\n"; $missing = 1; }
        chomp(my @files = <STDIN>);
        for my $file (grep { -f } @files) {
            my $text = text($file);
            next if $text =~ /\0/;
            my $folder = dirname($file);
            # Links.
            for ($file =~ /\.md$/ ? $text =~ /\]\(([^()\s]+)\)/g : ()) {
                next if /^\w+:/;
                my ($name, $anchor) = /^([^#]*)(#.*)?$/;
                my $target = $name eq "" ? $file : "$folder/$name";
                if (!-e $target) {
                    complain($file, "links to $name, which is not there");
                } elsif ($anchor && !sections($target)->{$anchor}) {
                    complain($file, "links to $_, but there is no such section");
                }
            }
            # Names, from the top or from the folder; and sections, as in "X.md, *Title*".
            while ($text =~ m{(?<![\w/.\$\}-])((?:[\w.-]+/)*[\w-]+\.md)\b(?:\)?,[\s#/]+(?:\*([^*]+)\*|"([^"]+)"))?}g) {
                my ($name, $title) = ($1, $2 // $3);
                my ($target) = grep { -e } $name, "$folder/$name";
                # Documents of others, and what commands write.
                next if !$target && ($name !~ m,/, ? $name !~ /^(?:README|DESIGN)/ : !-d $name =~ s,/.*,,r);
                if (!$target) {
                    complain($file, "names $name, which is not there");
                } elsif (defined $title && !sections($target)->{$title =~ s/\s+/ /gr}) {
                    complain($file, "names \"$title\" of $target, but there is no such section");
                }
            }
        }
        exit $missing;'
)

# finds REGEX LINE...: a document with these lines beside the others is told.
finds() {
    local regex=$1
    shift
    printf '%s\n' '# One' '' '## Two words' "$@" >"$work/tree/doc/new.md"
    ! references "$work/tree" >"$work/said" && grep -qE -- "$regex" "$work/said" && return
    cat "$work/said"
    return 1
}

check "README.md can be read on a few screens" at_most 150 README.md
check "DESIGN.md can be read in one sitting" at_most 300 DESIGN.md
check "what documents and sources refer to is there" references

rm -rf "$work/tree"
mkdir -p "$work/tree/doc"
git -C "$work/tree" init -q
echo '# Readme' >"$work/tree/README.md"
printf '%s\n' '# One' '' '## Two words' '[up](../README.md), [here](#two-words), new.md, *Two' 'words*; README.md' \
    >"$work/tree/doc/new.md"
check "so it is in a small tree" references "$work/tree"
check "a link to nowhere is told" finds '^doc/new.md: links to gone.md' '[x](gone.md)'
check "so is one to no section" finds '^doc/new.md: links to #three' '[x](#three)'
check "and to none of another document's" finds 'links to ../README.md#three' '[x](../README.md#three)'
check "so is the name of a document" finds '^doc/new.md: names doc/gone.md' 'doc/gone.md tells'
check "and of a section" finds 'names "Three" of doc/new.md' 'doc/new.md, *Three*, tells'
done_testing
