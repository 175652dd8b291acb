#!/usr/bin/env bash
# How many compilers tools/steps.sh starts in containers that limit memory and processor time, with both versions of
# control groups played by files.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.." || exit 2

world=$(mktemp -d)
trap 'rm -rf "$world"' EXIT
failures=0
export SIGHTLINE_CONTROL_GROUP=$world
source tools/steps.sh
readonly gib=$((1 << 30))

# Put FILE TEXT
Put() {
  mkdir -p "$world/$(dirname "$1")"
  printf '%b\n' "$2" >"$world/$1"
}
NewWorld() { rm -rf "${world:?}"/*; }
nproc() { echo 8; }
awk() { if [[ ${*: -1} == /proc/meminfo ]]; then echo $((64 * 1048576)); else command awk "$@"; fi; }

ExpectJobs() {
  local jobs
  jobs=$(BuildJobs)
  [[ $jobs == "$1" ]] && return
  echo "FAILED $test: $jobs jobs, expected $1"
  failures=$((failures + 1))
}

OnePerCoreWithoutLimits() {
  NewWorld
  ExpectJobs 8
  Put memory.max max
  Put cpu.max 'max 100000'
  ExpectJobs 8
}

CachedFilesDoNotCountAsUsed() {
  NewWorld
  Put memory.max $((4 * gib))
  Put memory.current $((4 * gib - 1000))
  Put memory.stat "anon 5\ninactive_file $((3 * gib))\nactive_file 7"
  ExpectJobs 3
  Put memory.stat "anon 5\ninactive_file 0"
  ExpectJobs 1
}

ReadsTheFirstVersionToo() {
  NewWorld
  Put memory/memory.limit_in_bytes $((4 * gib))
  Put memory/memory.usage_in_bytes $((3 * gib))
  Put memory/memory.stat "inactive_file 0\ntotal_inactive_file $((2 * gib))"
  ExpectJobs 3
  Put memory/memory.limit_in_bytes 9223372036854771712 # how it writes "none"
  Put cpu/cpu.cfs_quota_us -1
  Put cpu/cpu.cfs_period_us 100000
  ExpectJobs 8
  Put cpu/cpu.cfs_quota_us 250000
  ExpectJobs 3
}

NoMoreThanTheProcessorTimeGranted() {
  NewWorld
  Put cpu.max '150000 100000'
  ExpectJobs 2
}

for test in OnePerCoreWithoutLimits CachedFilesDoNotCountAsUsed ReadsTheFirstVersionToo NoMoreThanTheProcessorTimeGranted; do
  "$test"
  echo "ran $test"
done
if ((failures)); then
  echo "$failures failed"
  exit 1
fi
