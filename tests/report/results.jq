# SPDX-License-Identifier: LGPL-3.0-or-later
# Made-up results for the tests of the reports, the same each time:
#   jq -n --argjson calls 20 --argjson factor 1.0 --arg clock virtual -f THIS
# calls: of each run; factor: how much slower our firmware is than usual.

# Microseconds of a call of 1, 8, 63 and 127 sectors, of a write, a random read
# and one to an odd address; exits, round trips to qemu, bytes copied per byte.
def series: [
    ["ours",     "pv",      "phy",   [51, 48, 74, 97, 73, 73, 78],              2,   0, 0],
    ["ours",     "pv",      "qdisk", [107, 84, 127, 199, 123, 126, 146],        2,   0, 0],
    ["baseline", "pv",      "qdisk", [112, 95, 720, 1430, 760, 741, 733],       18,  0, 1],
    ["stock",    "ide",     "qemu",  [720, 2100, 17400, 34800, 17900, 17600, 17500], 240, 580, null],
    ["xen",      "ide",     "qemu",  [410, 480, 1240, 2260, 1260, 1290, 1310],  41,  22, null],
    ["stock",    "ahci",    "qemu",  [308, 311, 361, 402, 365, 368, 371],       12,  5, null],
    ["stock",    "virtio",  "qemu",  [225, 231, 459, 498, 455, 462, 470],       14,  6, null],
    ["stock",    "nvme",    "qemu",  [210, 214, 294, 371, 299, 301, null],      13,  7, null]
];
def jobs: [
    ["seqread-1", "read", 1], ["seqread-8", "read", 8], ["seqread-63", "read", 63],
    ["seqread-127", "read", 127], ["seqwrite-63", "write", 63],
    ["randread-63", "randread", 63], ["oddread-63", "read", 63]
];
def repetitions: 3;

# Lehmer's generator; what is given is from 0 to 1.
def next: . * 16807 % 2147483647;
def random: . / 2147483647;

# ns of $n calls: two heaps 4 % apart, and a tail of one in 25.
def samples($seed; $us; $n):
    [limit($n; $seed | recurse(next)) as $x
     | ($x | random) as $heap | ($x | next | random) as $tail | ($x | next | next | random) as $noise
     | $us * 1000 * (0.985 + 0.01 * $noise + (if $heap < 0.4 then 0.04 else 0 end)
                     + (if $tail > 0.96 then 0.25 + 0.3 * $noise else 0 end))
     | floor];

def nothing: { io_bytes: 0, bw_bytes: 0, iops: 0, runtime: 0, total_ios: 0 };
def moved($samples; $bytes):
    ($samples | add) as $ns
    | { io_bytes: ($bytes * ($samples | length)), total_ios: ($samples | length),
        bw_bytes: ($bytes * ($samples | length) * 1e9 / $ns | floor),
        iops: (($samples | length) * 1e9 / $ns), runtime: ($ns / 1e6 | floor) };

def counters($s; $job; $n): {
    exits: { PIO: (($s[4] * 0.4 | floor) * $n), NPF: (($s[4] * 0.3 | floor) * $n),
             VMMCALL: (($s[4] - ($s[4] * 0.4 | floor) - ($s[4] * 0.3 | floor)) * $n) },
    hypercalls: (if $s[1] == "pv" then { event_channel_op: $n, sched_op: $n } else {} end),
    ports: (if $s[1] == "pv" then {} else { "0x1f7": ($s[5] * $n) } end),
    grant_maps: (if $s[1] == "pv" then 0 else null end), guest_blocked_ns: (40000 * $n), dom0_ns: (50000 * $n),
    qemu_round_trips: ($s[5] * $n), calls: $n,
    notifies: (if $s[1] == "pv" then $n else null end),
    requests: (if $s[1] == "pv" then $n else null end),
    segments: (if $s[1] == "pv" then ($job[2] / 8 | ceil) * $n else null end),
    bounced_sectors: (if $s[6] then $s[6] * $job[2] * $n else null end),
    bytes_copied: (if $s[6] then $s[6] * $job[2] * 512 * $n else null end)
};

def waterfall($s): if $s[2] == "phy" then { firmware: 1500, xen: 27000, "dom0 kernel": 46600, backend: 0 }
    else { firmware: 1500, xen: 31000, "dom0 kernel": 61000, backend: 33300 } end;

def run($j; $s; $repetition):
    jobs[$j] as $job | series[$s] as $series
    | samples(1 + $j * 7919 + $s * 104729 + $repetition * 1299709;
              $series[3][$j] * (if $series[0] == "ours" then $factor else 1 end); $calls) as $samples
    | { jobname: $job[0], groupid: 0, error: 0,
        "job options": { rw: $job[1], bs: ($job[2] * 512 | tostring), number_ios: ($calls | tostring),
                         int13_buffer: (if $job[0] == "oddread-63" then "1000:0001" else "1000:0000" end) },
        read: (if $job[1] == "write" then nothing else moved($samples; $job[2] * 512) end),
        write: (if $job[1] == "write" then moved($samples; $job[2] * 512) else nothing end),
        trim: nothing,
        int13bench: {
            firmware: $series[0], transport: $series[1], backend: $series[2],
            repetition: $repetition, clock: $clock, sectors: $job[2],
            valid: ([$j, $s, $repetition] != [4, 6, 2]), samples_ns: $samples,
            counters: counters($series; $job; $calls) } }
    | if .int13bench.valid then . else .int13bench.reason = "trace records were lost" end
    | if $series[0] == "ours" and $j == 2 then .int13bench.waterfall = waterfall($series) else . end;

{ "fio version": "int13bench-1 (not fio)", timestamp: 1763900000, time: "Sun Nov 23 12:13:20 2025",
  "global options": { size: "16M" },
  int13bench: {
    schema: 1, on: "lab", clock: $clock, command: "int13bench run --on lab --out results/quick bench/jobs/quick.fio",
    environment: {
        qemu: "QEMU emulator version 7.2.17 (Debian 1:7.2+dfsg-7)", xen: "4.17.5",
        "dom0 kernel": "6.1.0-37-amd64", cpu: "QEMU TCG, AMD EPYC <1 CPU>", project: "v0.3-14-g42b471f",
        firmware: { ours: { sha256: "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08", version: "rel-1.16.2" },
                    stock: { sha256: "60303ae22b998861bce3b28f33eec1be758a213c86c93c076dbe9f558c11c752", version: "1.16.2-1" } } } },
  jobs: [range(1; repetitions + 1) as $repetition | range(jobs | length) as $j | range(series | length) as $s
         | select(series[$s][3][$j]) | run($j; $s; $repetition)] }
