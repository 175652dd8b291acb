#!/usr/bin/env bash
# What quickstart says and does, in a made-up checkout where stand-ins play cmake, ninja and the program itself.
# shellcheck disable=SC2016 # stand-ins expand when they run
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.." || exit 2

world=$(mktemp -d)
trap 'rm -rf "$world"' EXIT
failures=0

# NewWorld: a checkout with nothing missing, whose build makes a program that measures everything.
NewWorld() {
  rm -rf "${world:?}"/*
  mkdir -p "$world/bin" "$world/tools" "$world/build/bin" "$world/build/lib/sightline/backends"
  cp quickstart "$world"
  cp tools/steps.sh "$world/tools"
  touch "$world/build/lib/sightline/backends/libsightline_backend_"{tensorflow,opencv}.so
  Stand tools/dependencies.sh '[[ "$*" == "install run" ]]'
  Stand bin/cmake '[[ "$*" == "--preset release" ]]'
  Stand bin/ninja '[[ "$1 $2" == "-C build" ]]'
  Stand build/bin/sightline 'case $1 in
    run) echo "$*" >>calls; while [[ $1 != --json ]]; do shift; done; echo "{}" >"$2" ;;
    show) shift; echo "table of $# results" ;;
  esac'
}

# Stand FILE SCRIPT: puts a stand-in into the world.
Stand() {
  printf '#!/bin/bash\n%s\n' "$2" >"$world/$1"
  chmod +x "$world/$1"
}

# Run ARGUMENT...: quickstart in this world; its exit code goes to $code, all it says to $said.
Run() {
  said=$(PATH="$world/bin:$PATH" "$world/quickstart" "$@" 2>&1)
  code=$?
}

Fail() {
  echo "FAILED $test: $1"
  failures=$((failures + 1))
}

ExpectCode() { [[ $code == "$1" ]] || Fail "exit code $code, expected $1; it said: $said"; }
ExpectSaid() { [[ $said == *"$1"* ]] || Fail "expected '$1' in: $said"; }
ExpectNotSaid() { [[ $said != *"$1"* ]] || Fail "did not expect '$1' in: $said"; }

MeasuresEveryNetworkBackendAndBatchOnce() {
  NewWorld
  Run
  ExpectCode 0
  ExpectSaid 'table of 12 results'
  [[ $(sort -u "$world/calls" | wc -l) == 12 ]] || Fail "runs: $(cat "$world/calls")"
  grep -q -- '-m resnet50_v1 --backend opencv -b 4 --input /usr/share/doc/opencv-doc/examples/data/\*.jpg' \
    "$world/calls" || Fail "the glob was expanded or the run is missing: $(cat "$world/calls")"
  ExpectSaid 'Results: results/quickstart-'
  [[ -z $(find "$world/results" -name '*.log') ]] || Fail 'logs of runs that went well were kept'
}

AMissingFrameworkOnlyCostsItsRows() {
  NewWorld
  rm "$world/build/lib/sightline/backends/libsightline_backend_tensorflow.so"
  Run
  ExpectCode 0
  ExpectSaid 'tensorflow left out'
  ExpectSaid 'table of 6 results'
}

AFailedMeasurementIsNamedAndTheOthersGoOn() {
  NewWorld
  Stand build/bin/sightline 'case "$*" in
    run*inception_v3*tensorflow*"-b 4"*) echo "out of memory in layer 7" >&2; exit 2 ;;
    run*) while [[ $1 != --json ]]; do shift; done; echo "{}" >"$2" ;;
    show*) shift; echo "table of $# results" ;;
  esac'
  Run
  ExpectCode 1
  ExpectSaid 'failed: out of memory in layer 7'
  ExpectSaid 'table of 11 results'
  ExpectSaid 'quickstart: failed: inception_v3-tensorflow-b4'
}

WhatCannotBeInstalledStopsIt() {
  NewWorld
  Stand tools/dependencies.sh 'echo "dependencies: missing: cmake" >&2; exit 2'
  Run
  ExpectCode 2
  ExpectSaid 'missing: cmake'
  ExpectNotSaid '2/4'
}

ABrokenConfigurationShowsItsError() {
  NewWorld
  Stand bin/cmake 'echo "-- noise"; echo "CMake Error at cmake/dependencies.cmake:3"; exit 1'
  Run
  ExpectCode 2
  ExpectSaid 'CMake Error at cmake/dependencies.cmake:3'
  ExpectNotSaid 'noise'
}

ABrokenBuildStopsIt() {
  NewWorld
  Stand bin/ninja 'exit 1'
  Run
  ExpectCode 2
  ExpectSaid "building preset 'release' failed"
}

ARepeatPrintsWhatTheSameBuildHasMeasured() {
  NewWorld
  Run
  rm "$world/calls"
  Run
  ExpectCode 0
  ExpectSaid 'table of 12 results'
  ExpectSaid './quickstart --again measures anew'
  [[ ! -e $world/calls ]] || Fail 'it measured again'
  sleep 1.1 # folders are named by the second
  Run --again
  [[ $(sort -u "$world/calls" | wc -l) == 12 ]] || Fail '--again did not measure'
  ExpectNotSaid 'measured before'
  echo '# another build' >>"$world/build/bin/sightline"
  Run
  ExpectNotSaid 'measured before'
}

WhatFailedIsMeasuredAgain() {
  NewWorld
  Stand build/bin/sightline 'case $1 in run) exit 2 ;; esac'
  Run
  ExpectCode 1
  Run
  ExpectCode 1
  ExpectNotSaid 'measured before'
}

AnInterruptedMeasurementEndsIt() {
  NewWorld
  Stand build/bin/sightline 'echo "$*" >>calls; exit 3'
  Run
  ExpectCode 3
  ExpectSaid 'quickstart: interrupted'
  [[ $(wc -l <"$world/calls") == 1 ]] || Fail "it went on: $(cat "$world/calls")"
}

ASignalEndsIt() {
  NewWorld
  Stand build/bin/sightline 'echo "$*" >>calls; kill -TERM "$PPID"; sleep 0.2; exit 0'
  Run
  ExpectCode 3
  [[ $(wc -l <"$world/calls") == 1 ]] || Fail "it went on: $(cat "$world/calls")"
}

BuildOnlyMeasuresNothing() {
  NewWorld
  Run --build-only
  ExpectCode 0
  ExpectNotSaid '3/4'
}

RefusesAFlagItDoesNotKnow() {
  NewWorld
  Run --fast
  ExpectCode 2
  ExpectSaid 'usage: ./quickstart'
}

for test in $(declare -F | awk '{ print $3 }' | grep -vE '^(NewWorld|Stand|Run|Fail|Expect.*)$'); do
  "$test"
  echo "ran $test"
done
if ((failures)); then
  echo "$failures failed"
  exit 1
fi
