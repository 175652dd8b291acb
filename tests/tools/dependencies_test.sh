#!/usr/bin/env bash
# What tools/dependencies.sh says and does on machines that lack something, played by stand-ins for dpkg-query, apt-get,
# sudo, id, uname and pip, so that nothing is installed and no network is needed.
# shellcheck disable=SC2016 # stand-ins expand when they run
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.." || exit 2

world=$(mktemp -d)
trap 'rm -rf "$world"' EXIT
failures=0

# NewWorld: a machine where everything is installed, root is at work, and the wheels' libraries are in place.
NewWorld() {
  rm -rf "${world:?}"/* "$world/.deps"
  mkdir -p "$world/tools" "$world/bin" "$world/photographs" "$world/.deps/tensorflow/tensorflow"
  touch "$world/photographs/fruits.jpg" "$world/absent" "$world/.deps/tensorflow/tensorflow/libtensorflow_cc.so.2"
  sed -n 's/^readonly tensorflow_sha256=//p' tools/dependencies.sh >"$world/.deps/tensorflow/wheel.sha256"
  mkdir -p "$world/.deps/onnxruntime/lib" "$world/.deps/onnxruntime/include"
  touch "$world/.deps/onnxruntime/lib/libonnxruntime.so.1"
  PinnedOnnxRuntime >"$world/.deps/onnxruntime/sdk.sha256"
  mkdir -p "$world/.deps/openvino/openvino/cmake"
  touch "$world/.deps/openvino/openvino/cmake/OpenVINOConfig.cmake"
  sed -n 's/^readonly openvino_sha256=//p' tools/dependencies.sh >"$world/.deps/openvino/wheel.sha256"
  cp tools/dependencies.sh "$world/tools"
  Stand dpkg-query 'for p in "${@:4}"; do grep -qx "$p" "$WORLD/absent" || echo "ii  $p"; done'
  Stand apt-get 'echo "apt-get $*" >>"$WORLD/calls"; [[ $1 == update ]] || : >"$WORLD/absent"'
  Stand dpkg ':'
  Stand id 'echo 0'
  Stand uname 'echo x86_64'
  Stand sudo 'echo "sudo: a password is required" >&2; exit 1'
  Stand python3 'echo "ERROR: a test must not reach pip" >&2; exit 1'
}

# The checksums of ONNX Runtime's two parts.
PinnedOnnxRuntime() { sed -n 's/^readonly onnxruntime_\(headers_\)*sha256=//p' tools/dependencies.sh | paste -sd ' '; }

# Stand NAME SCRIPT: puts a stand-in for a program in front of PATH.
Stand() {
  printf '#!/bin/bash\n%s\n' "$2" >"$world/bin/$1"
  chmod +x "$world/bin/$1"
}

# Run ARGUMENT...: the script in this world; its exit code goes to $code, all it says to $said.
Run() {
  said=$(WORLD=$world PATH="$world/bin:$PATH" SIGHTLINE_PHOTOGRAPHS="$world/photographs" \
    "$world/tools/dependencies.sh" "$@" 2>&1 </dev/null)
  code=$?
}

Fail() {
  echo "FAILED $test: $1"
  failures=$((failures + 1))
}

ExpectCode() { [[ $code == "$1" ]] || Fail "exit code $code, expected $1; it said: $said"; }
ExpectSaid() { [[ $said == *"$1"* ]] || Fail "expected '$1' in: $said"; }
ExpectSilence() { [[ -z $said ]] || Fail "expected silence, got: $said"; }
ExpectNoFile() { [[ ! -e $1 ]] || Fail "$1 is there"; }

SaysAndInstallsNothingWhenAllIsThere() {
  NewWorld
  Run install check
  ExpectCode 0
  ExpectSilence
  ExpectNoFile "$world/calls"
}

NamesEachMissingPackageOfThePurposeOnly() {
  NewWorld
  printf 'ninja-build\nvalgrind\n' >"$world/absent"
  Run missing run
  ExpectCode 0
  [[ $said == ninja-build ]] || Fail "expected only ninja-build, got: $said"
  Run missing test
  [[ $said == $'ninja-build\nvalgrind' ]] || Fail "expected both, got: $said"
}

InstallsWhatIsMissingAndNothingElse() {
  NewWorld
  echo libfmt-dev >"$world/absent"
  Run install run
  ExpectCode 0
  ExpectSaid 'apt-get install libfmt-dev'
  [[ $(tail -n 1 "$world/calls") == *"opencv-doc* libfmt-dev" ]] || Fail "apt-get was called as: $(cat "$world/calls")"
}

ReinstallsOpencvDocWithoutItsPhotographs() {
  NewWorld
  rm "$world/photographs/fruits.jpg"
  Run missing run
  [[ $said == opencv-doc ]] || Fail "expected opencv-doc, got: $said"
  Stand apt-get '[[ $* != *"--reinstall opencv-doc" ]] || touch "$WORLD/photographs/fruits.jpg"'
  Run install run
  ExpectCode 0
}

WithoutRightsSaysWhatIsMissingAndTheCommand() {
  NewWorld
  printf 'cmake\nlibpng-dev\n' >"$world/absent"
  Stand id 'echo 1000'
  Run install run
  ExpectCode 2
  ExpectSaid 'missing: cmake libpng-dev. Installing needs root'
  ExpectSaid 'apt-get install --no-install-recommends cmake libpng-dev'
  ExpectNoFile "$world/calls"
}

AHeldPackageIsInstalled() {
  NewWorld
  Stand dpkg-query 'for p in "${@:4}"; do echo "hi  $p"; done'
  Run missing run
  ExpectSilence
}

OnATerminalSudoMayAsk() {
  NewWorld
  echo cmake >"$world/absent"
  Stand id 'echo 1000'
  Stand sudo '[[ $1 != -n ]] && exec "$@"'
  Run install run
  ExpectCode 2
  export WORLD=$world SIGHTLINE_PHOTOGRAPHS="$world/photographs"
  said=$(PATH="$world/bin:$PATH" script --quiet --return --command "$world/tools/dependencies.sh install run" /dev/null)
  code=$?
  ExpectCode 0
  ExpectSaid 'apt-get install cmake'
}

GoesThroughSudoWhereItAsksForNoPassword() {
  NewWorld
  echo cmake >"$world/absent"
  Stand id 'echo 1000'
  Stand sudo 'shift; exec "$@"'
  Run install run
  ExpectCode 0
}

WithoutNetworkSaysWhatCouldNotBeInstalled() {
  NewWorld
  echo libonnx-dev >"$world/absent"
  Stand apt-get 'echo "E: Unable to locate package libonnx-dev" >&2; exit 100'
  Run install run
  ExpectCode 2
  ExpectSaid 'E: Unable to locate package libonnx-dev'
  ExpectSaid 'could not install: libonnx-dev. Check the network'
}

AMissingFrameworkPackageIsInstalled() {
  NewWorld
  echo libtorch-dev >"$world/absent"
  Run missing run
  [[ $said == 'libtorch-dev (optional)' ]] || Fail "expected libtorch-dev as optional, got: $said"
  Run install run
  ExpectCode 0
  ExpectSaid 'apt-get install libtorch-dev'
}

AFrameworkPackageThatCantBeHadOnlyCostsItsBackend() {
  NewWorld
  echo libtorch-dev >"$world/absent"
  Stand apt-get 'echo "E: Unable to locate package libtorch-dev" >&2; exit 100'
  Run install run
  ExpectCode 0
  ExpectSaid 'could not install: libtorch-dev'
  ExpectSaid 'left out: libtorch-dev, and the backends that need them'
}

AFailedDownloadOnlyCostsTensorFlow() {
  NewWorld
  rm -r "$world/.deps/tensorflow"
  Stand python3 'echo "ERROR: No matching distribution found for tensorflow-cpu" >&2; exit 1'
  Run install run
  ExpectCode 0
  ExpectSaid 'TensorFlow left out, its wheel could not be downloaded (ERROR: No matching distribution found'
  [[ $(ls "$world/.deps") == $'onnxruntime\nopenvino' ]] || Fail "left behind: $(ls "$world/.deps")"
}

ADamagedWheelOnlyCostsTensorFlow() {
  NewWorld
  rm -r "$world/.deps/tensorflow"
  Stand python3 'echo broken >"${@: -1}/tensorflow_cpu.whl"'
  Run install run
  ExpectCode 0
  ExpectSaid 'TensorFlow left out, its wheel could not be unpacked'
  ExpectNoFile "$world/.deps/tensorflow"
}

AnotherPinnedWheelIsFetchedAgain() {
  NewWorld
  echo 0000 >"$world/.deps/tensorflow/wheel.sha256"
  Run missing run
  ExpectSaid 'tensorflow-cpu=='
}

LeavesTensorFlowOutOnAnotherArchitecture() {
  NewWorld
  rm -r "$world/.deps/tensorflow"
  Stand uname 'echo aarch64'
  Run install run
  ExpectCode 0
  ExpectSaid 'pinned for x86_64, and this machine is aarch64'
}

# A machine without ONNX Runtime whose pip finds the wheel and whose sources of packages are two.
WithoutOnnxRuntime() {
  NewWorld
  rm -r "$world/.deps/onnxruntime"
  mkdir -p "$world/wheel/onnxruntime/capi"
  echo library >"$world/wheel/onnxruntime/capi/libonnxruntime.so.1.99.0"
  (cd "$world/wheel" && python3 -m zipfile -c "$world/ort.whl" onnxruntime)
  Stand python3 'cp "$WORLD/ort.whl" "${@: -1}/onnxruntime.whl"'
  Stand apt-get 'printf "http://b/debian/\nhttp://a/other/\n"'
  Stand helper '[[ $2 == http://b/debian/pool/* && $4 == SHA256:* ]] || { echo "E: 404 Not Found"; exit 100; }; echo deb >"$3"'
  Stand dpkg-deb 'mkdir -p "$3/usr/include/onnxruntime"; touch "$3/usr/include/onnxruntime/onnxruntime_c_api.h"'
  export SIGHTLINE_APT_HELPER=$world/bin/helper
}

InstallsOnnxRuntimeFromTheWheelAndTheFirstSourceThatHasItsHeaders() {
  WithoutOnnxRuntime
  Run missing run
  ExpectSaid 'onnxruntime=='
  Run install run
  ExpectCode 0
  [[ $(cat "$world/.deps/onnxruntime/lib/libonnxruntime.so.1") == library ]] || Fail 'the library is not in place'
  [[ -f $world/.deps/onnxruntime/include/onnxruntime_c_api.h ]] || Fail 'the header is not in place'
  [[ $(ls "$world/.deps") == $'onnxruntime\nopenvino\ntensorflow' ]] || Fail "left behind: $(ls "$world/.deps")"
  Run install run
  ExpectSilence
}

# A machine without OpenVINO whose pip finds the wheel.
WithoutOpenVino() {
  NewWorld
  rm -r "$world/.deps/openvino"
  mkdir -p "$world/wheel/openvino"/{cmake,include/openvino,libs}
  touch "$world/wheel/openvino/cmake/OpenVINOConfig.cmake" "$world/wheel/openvino/include/openvino/openvino.hpp"
  touch "$world/wheel/openvino/libs"/{libopenvino.so.1,libopenvino_c.so.1,libopenvino_intel_cpu_plugin.so} \
    "$world/wheel/openvino/libs"/{libopenvino_intel_gpu_plugin.so,libopenvino_onnx_frontend.so.1,libtbb.so.12,libhwloc.so.15}
  (cd "$world/wheel" && python3 -m zipfile -c "$world/openvino.whl" openvino)
  Stand python3 'cp "$WORLD/openvino.whl" "${@: -1}/openvino.whl"'
}

InstallsOpenVinoWithoutThePluginsOfOtherDevices() {
  WithoutOpenVino
  Run missing run
  ExpectSaid 'openvino=='
  Run install run
  ExpectCode 0
  [[ -f $world/.deps/openvino/openvino/libs/libopenvino_onnx_frontend.so.1 ]] || Fail 'the ONNX reader is not in place'
  ExpectNoFile "$world/.deps/openvino/openvino/libs/libopenvino_intel_gpu_plugin.so"
  [[ $(ls "$world/.deps") == $'onnxruntime\nopenvino\ntensorflow' ]] || Fail "left behind: $(ls "$world/.deps")"
  Run install run
  ExpectSilence
}

HeadersThatNoSourceHasOnlyCostOnnxRuntime() {
  WithoutOnnxRuntime
  Stand helper 'echo "E: 404 Not Found"; exit 100'
  Run install run
  ExpectCode 0
  ExpectSaid "its headers could not be downloaded as Debian's libonnxruntime-dev_"
  ExpectSaid 'E: 404 Not Found'
  [[ $(ls "$world/.deps") == $'openvino\ntensorflow' ]] || Fail "left behind: $(ls "$world/.deps")"
}

ADamagedWheelOnlyCostsOnnxRuntime() {
  WithoutOnnxRuntime
  Stand python3 'echo broken >"${@: -1}/onnxruntime.whl"'
  Run install run
  ExpectCode 0
  ExpectSaid 'ONNX Runtime left out, it could not be unpacked'
  ExpectNoFile "$world/.deps/onnxruntime"
}

LeavesOnnxRuntimeOutOnAnotherArchitecture() {
  WithoutOnnxRuntime
  Stand uname 'echo aarch64'
  Run install run
  ExpectCode 0
  ExpectSaid 'ONNX Runtime left out: its wheel is pinned for x86_64, and this machine is aarch64'
}

AFailedDownloadOnlyCostsOpenVino() {
  WithoutOpenVino
  Stand python3 'echo "ERROR: No matching distribution found" >&2; exit 1'
  Run install run
  ExpectCode 0
  ExpectSaid 'OpenVINO left out, its wheel could not be downloaded (ERROR: No matching distribution found'
  [[ $(ls "$world/.deps") == $'onnxruntime\ntensorflow' ]] || Fail "left behind: $(ls "$world/.deps")"
}

ADamagedWheelOnlyCostsOpenVino() {
  WithoutOpenVino
  Stand python3 'echo broken >"${@: -1}/openvino.whl"'
  Run install run
  ExpectCode 0
  ExpectSaid 'OpenVINO left out, its wheel could not be unpacked'
  ExpectNoFile "$world/.deps/openvino"
}

LeavesOpenVinoOutOnAnotherArchitecture() {
  WithoutOpenVino
  Stand uname 'echo aarch64'
  Run install run
  ExpectCode 0
  ExpectSaid 'OpenVINO left out: its wheel is pinned for x86_64, and this machine is aarch64'
}

RefusesWordsItDoesNotKnow() {
  NewWorld
  Run install everything
  ExpectCode 2
  ExpectSaid "unknown purpose 'everything'"
  Run remove run
  ExpectCode 2
  ExpectSaid "say 'missing' or 'install'"
}

for test in $(declare -F | awk '{ print $3 }' | grep -vE '^(NewWorld|WithoutOnnxRuntime|WithoutOpenVino|PinnedOnnxRuntime|Stand|Run|Fail|Expect.*)$'); do
  "$test"
  echo "ran $test"
done
if ((failures)); then
  echo "$failures failed"
  exit 1
fi
