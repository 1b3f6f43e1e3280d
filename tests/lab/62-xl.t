#!/bin/bash
# SPDX-License-Identifier: LGPL-3.0-or-later
# int13bench --on xl in a real dom0, the lab's, which is the host this time:
# the guests that it makes, times and traces there are its own. (A first guest,
# paused meanwhile, is only there because the lab does nothing without one.)
# shellcheck source=tests/lab/lib.sh
. tests/lab/lib.sh

tree=$work/tree
results=$work/outer/bench/results.json

# What a user would copy to the host, and what Debian would install there.
make_tree() {
    mkdir -p "$tree"/{build/bench,bin,lib} &&
        cp -r lab bench/transports "$tree" && mkdir "$tree/bench" && mv "$tree/transports" "$tree/bench/" &&
        cp build/bench/{int13bench,int13img,stage.nm,exits,count.so} "$tree/build/bench/" &&
        cp "$bios" "$tree/build/" &&
        cp "$(type -P jq)" "$tree/bin/" &&
        libraries build/bench/int13bench "$(type -P jq)" | xargs -I{} cp {} "$tree/lib/" &&
        reads_job >"$tree/job.fio" && tar -C "$tree" -cf "$work/tree.tar" .
}

make_tree || skip_all "cannot copy the harness and its libraries"
"$int13img" make "$work/outer.img" --size 32MiB -e 'mark outer'
cat >"$work/inner.sh" <<'END'
mkdir /run/tree && cd /run/tree && tar -xf "$DIR/tree.tar" || exit
export LD_LIBRARY_PATH=$PWD/lib PATH=$PWD/bin:$PATH
build/bench/int13bench run --on xl --job job.fio --backend phy --repetitions 1 --out "$OUT/bench"
echo "status $?"
build/bench/int13img make refused.img --size 2MiB -e list
lab/xenlab run --on xl --disk refused.img --xl 'device_model_args_hvm=["-nonsense"]' --out "$OUT/refused"
echo "refused: $?"
xl list
losetup --all
END
# shellcheck disable=SC2016 # for dom0's shell
guest outer --bios "$bios" --disk "$work/outer.img,discard" --file "$work/tree.tar" \
    --file "$work/inner.sh" --until 'PAYLOAD DONE' --before 'sh "$DIR/inner.sh"'
run_guests

# holds FILTER: true for the results.
holds() {
    jq -e "$1" "$results"
}

check "int13bench runs by xl" shows "$work/outer/before.log" '^status 0' 'guest 2 of 2: ours pv phy, traced'
check "a guest whose qemu does not start" shows "$work/outer/before.log" '^refused: 3' 'xl create failed'
check "leaves what its qemu has said" shows "$work/outer/refused/dm.log" 'nonsense: invalid option'
check "it leaves no guest and no loop device" lacks "$work/outer/before.log" '^xenlab-|/dev/loop'
check "the time is that of the host's clock" holds '.int13bench | .on == "xl" and .clock == "wall"'
check "the host is known" holds '.int13bench.environment | (.xen | startswith("'"$lab_xen"'.")) and .cpus == "1" and
    ([.cpu, ."dom0 kernel", .firmware.ours.sha256, .firmware.ours.version] | all)'
check "every call is there, and valid" holds '[.jobs[] | .int13bench.valid and
    (.int13bench.samples_ns | length == 64 and min > 10000)] == [true]'
check "its trace counts two hypercalls a call, and nobody's but its own" holds \
    '.jobs[0].int13bench.counters | .hypercalls == {event_channel_op: 64, sched_op: 64} and
    .exits == {vmmcall: 128} and .requests == 64 and .bytes_copied == 0 and .dom0_ns > 64 * 10000'
done_testing
