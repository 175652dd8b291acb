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
  mkdir -p "$world/bin" "$world/tools" "$world/plans" "$world/build/bin" "$world/build/lib/sightline/backends"
  cp quickstart "$world"
  cp plans/quick.yaml "$world/plans"
  cp tools/steps.sh "$world/tools"
  touch "$world/build/lib/sightline/backends/libsightline_backend_"{tensorflow,opencv}.so
  Stand tools/dependencies.sh '[[ "$*" == "install run" ]]'
  Stand bin/cmake '[[ "$*" == "--preset release" ]]'
  Stand bin/ninja '[[ "$1 $2" == "-C build" ]]'
  Stand build/bin/sightline 'echo "$*" >>calls; echo "the table"
    [[ $5 == results/quickstart-*.db ]] && mkdir -p results && touch "$5"'
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

# Calls PATTERN: how often the program was called so.
Calls() { grep -c "^$1" "$world/calls" || true; }

MeasuresThePlanAndPrintsItsTable() {
  NewWorld
  Run
  ExpectCode 0
  ExpectSaid 'the table'
  [[ $(Calls 'study run plans/quick.yaml --db results/quickstart-[0-9a-f]*.db$') == 1 ]] ||
    Fail "called: $(cat "$world/calls")"
  ExpectSaid 'study show quick --db results/quickstart-'
}

AFailedMeasurementIsToldByItsExitCode() {
  NewWorld
  Stand build/bin/sightline 'echo "the table"; echo "failed: out of memory in layer 7" >&2; exit 3'
  Run
  ExpectCode 1
  ExpectSaid 'failed: out of memory in layer 7'
  ExpectSaid 'quickstart: not everything was measured'
}

AStudyThatCannotBeginFails() {
  NewWorld
  Stand build/bin/sightline 'exit 2'
  Run
  ExpectCode 1
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
  Run
  ExpectCode 0
  ExpectSaid 'the table'
  ExpectSaid 'measuring what is missing; ./quickstart --again measures anew'
  [[ $(Calls 'study run') == 1 ]] || Fail 'it measured again'
  [[ $(Calls 'study resume quick --db results/quickstart-[0-9a-f]*.db$') == 1 ]] || Fail 'it did not go on'
  Run --again
  [[ $(Calls 'study run') == 2 ]] || Fail '--again did not measure'
  ExpectNotSaid 'before:'
}

AnotherBuildOrPlanIsMeasuredAnew() {
  local changed
  for changed in build/bin/sightline plans/quick.yaml; do
    NewWorld
    Run
    echo '# changed' >>"$world/$changed"
    Run
    [[ $(Calls 'study run') == 2 ]] || Fail "another $changed did not measure"
  done
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

for test in $(declare -F | awk '{ print $3 }' | grep -vE '^(NewWorld|Stand|Run|Calls|Fail|Expect.*)$'); do
  "$test"
  echo "ran $test"
done
if ((failures)); then
  echo "$failures failed"
  exit 1
fi
