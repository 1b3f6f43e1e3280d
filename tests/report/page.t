#!/bin/bash
# SPDX-License-Identifier: LGPL-3.0-or-later
# The HTML report in a browser, as wide as a telephone and as a desk, by day
# and by night: it is no wider than its window, its charts have a size, tables that
# scroll show it, its first sentences are on the first screen, and the
# console stays silent; the page's own policy makes every fetch an error there.
# shellcheck source=tests/report/lib.sh
. tests/report/lib.sh

# browse WIDTH FILE OPTION...: what the browser says goes to standard error.
browse() {
    local width=$1 file=$2
    shift 2
    build/tests/limit 600 600 "$work/cpu" chromium-headless-shell --no-sandbox --disable-gpu --hide-scrollbars \
        --enable-logging=stderr --window-size="$width,1000" "$@" "file://$PWD/$file"
}

# What a page says of itself: that it ran, how wide it is, how many charts it
# shows and how many do not fit or are empty.
# shellcheck disable=SC2016 # the browser's, not the shell's
probe='<script>addEventListener("load", () => {
    const root = document.documentElement, charts = [...document.querySelectorAll("figure svg")];
    const wide = [...document.querySelectorAll(".scroll")].filter(box => box.scrollWidth > box.clientWidth);
    const unmarked = wide.filter(box => getComputedStyle(box).backgroundImage.split("linear-gradient").length != 5);
    console.log(`probe window=${innerWidth} page=${root.scrollWidth} charts=${charts.length} bad=${
        charts.filter(chart => chart.getBoundingClientRect().width < 280 ||
            chart.getBoundingClientRect().right > innerWidth || chart.getBBox().height < 50).length} wide=${
        wide.length} unmarked=${unmarked.length} head=${
        Math.ceil(document.querySelector("header").getBoundingClientRect().bottom)}`);
});</script>'

# The page with the probe in it, and its policy letting that through.
probed() {
    local page
    page=$(<"$1")
    page=${page/"default-src 'none'"/"default-src 'none'; script-src 'unsafe-inline'"}
    printf '%s\n' "${page/<\/body>/"$probe$2</body>"}"
}

# console WIDTH FILE: what the page wrote to the console.
console() {
    browse "$1" "$2" --dump-dom 2>&1 >/dev/null | grep -a ':CONSOLE'
}

fits() {
    local said
    said=$(console "$1" "$work/probed.html")
    [[ $(wc -l <<<"$said") == 1 && $said =~ window=$1\ page=$1\ charts=[1-9][0-9]*\ bad=0\ wide=[0-9]+\ unmarked=0\ head=([0-9]+) ]] &&
        ((BASH_REMATCH[1] <= 844)) && return
    echo "$said"
    return 1
}

# The picture is of the page and not of an empty window.
photographed() {
    local width=$1 picture=$work/$2.png
    shift 2
    browse "$width" "$work/base/report.html" --screenshot="$PWD/$picture" "$@" 2>/dev/null
    [[ $(stat -c %s "$picture") -gt 20000 ]]
}

# That a fetch would have been seen.
fetch_is_seen() {
    console 360 "$work/fetching.html" | grep -q 'Content Security Policy'
}

command -v chromium-headless-shell >/dev/null || skip_all "there is no chromium-headless-shell"
echo '<script>console.log("works")</script>' >"$work/works.html"
console 360 "$work/works.html" | grep -q works ||
    skip_all "chromium-headless-shell does not run on this machine"

# As large as make bench's.
make_results base
change base '.loads = [[["stock SeaBIOS, IDE by PIO", "", 0, 32265], ["SeaBIOS as Xen'\''s, IDE by DMA", "", 0, 1804],
    ["SeaBIOS as Xen'\''s, IDE by DMA", "", 1000, 1836], ["this firmware", "phy", 0, 438], ["this firmware", "qdisk", 0, 475],
    ["this firmware", "phy", 1000, 447], ["this firmware", "qdisk", 1000, 507]][] | { loader: "GRUB, ext4", way: .[0],
    backend: .[1], initrd_mib: 16, latency_us: .[2], ms: .[3] }] + [[["stock SeaBIOS, CD-ROM", "", 11170],
    ["SeaBIOS as Xen'\''s, CD-ROM", "", 6570], ["this firmware", "phy", 35], ["this firmware", "qdisk", 54]][]
    | { loader: "ISOLINUX, CD-ROM", way: .[0], backend: .[1], initrd_mib: 4, latency_us: 0, ms: .[2] }]' full
mv "$work/full.json" "$work/base.json"
mkdir "$work/base"
"$program" report --out "$work/base" "$work/base.json" >/dev/null ||
    { ok 1 "a report is made"; done_testing; }
probed "$work/base/report.html" '' >"$work/probed.html"
probed "$work/base/report.html" '<img src="http://localhost:9/x.png">' >"$work/fetching.html"

check "360 pixels are enough" fits 360
check "a phone shows the first sentences at once" fits 390
check "1440 pixels are used" fits 1440
check "a fetch would be seen" fetch_is_seen
check "a picture of it, 360 wide" photographed 360 narrow
check "a picture of it, 1440 wide" photographed 1440 wide
check "a picture of it by night" photographed 1440 night --blink-settings=preferredColorScheme=0
done_testing
