#!/usr/bin/env bash
# The one list of everything Sightline needs from outside, and how it gets onto a Debian 12 machine.
#
#   tools/dependencies.sh missing run|test|check    prints what is missing, one name a line
#   tools/dependencies.sh install run|test|check    installs it; says nothing and takes no time when all is there
#
# run: to build and run; test: that and to test; check: that and what ./check uses besides. Packages are required: what
# can't be installed is named, exit code 2. Frameworks are optional, packages and the libraries of TensorFlow, ONNX
# Runtime and OpenVINO alike: without one its backend is left out.
set -euo pipefail

repository=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
readonly deps=$repository/.deps # where cmake/ looks for them

readonly run_packages=(
  build-essential cmake ninja-build pkg-config git python3 python3-pip unzip
  libopencv-dev libonnx-dev libprotobuf-dev protobuf-compiler
  libturbojpeg0-dev libpng-dev libavformat-dev libavcodec-dev libavutil-dev libswscale-dev libcli11-dev nlohmann-json3-dev libfmt-dev
  libyaml-cpp-dev libvalijson-dev # study plans and their schema
  libsoci-dev libsoci-sqlite3-4.0 libsoci-postgresql4.0 libsqlite3-dev libpq-dev libzstd-dev # studies and raw records
  libboost1.81-dev # Boost.Math, headers only; 1.81 because later steps need its Asio under C++20
  opencv-doc       # photographs and video of the main job
)
readonly optional_packages=(
  libtorch-dev # LibTorch 1.13 with oneDNN, for the backend torch
)
readonly test_packages=(
  libgtest-dev libgmock-dev libonnx-testdata libbenchmark-dev valgrind
  postgresql # its server is started by tests that need one, in a folder of their own
)
readonly check_packages=(clang-format-19 clang-tidy-19 ccache)

# Debian's slim images leave /usr/share/doc out of every package, so opencv-doc may be installed without its pictures.
readonly photographs=${SIGHTLINE_PHOTOGRAPHS:-/usr/share/doc/opencv-doc/examples/data}

# The libraries and C headers come out of the official wheel; its Python is not used, so any python3 with pip can fetch it.
readonly tensorflow_version=2.21.0
readonly tensorflow_sha256=2b847d217b02ee7731ed91431daf3250daa0196c3c94614d23be27232e6e5b6c
readonly tensorflow_platform=manylinux_2_27_x86_64
readonly tensorflow_root=$deps/tensorflow
readonly tensorflow_parts=( # what c_api.h includes, and nothing of the other 25,000 headers
  'tensorflow/libtensorflow_cc.so.2' 'tensorflow/libtensorflow_framework.so.2'
  'tensorflow/include/tensorflow/c/*' 'tensorflow/include/tensorflow/core/platform/ctstring*.h'
  'tensorflow/include/tsl/platform/ctstring*.h' 'tensorflow/include/xla/tsl/c/*'
)

# ONNX Runtime is as optional. The library comes out of the official wheel, which has no headers; those are Debian 13's,
# from the mirror this machine installs its packages from. They are older than the library, which keeps to every API it
# ever had.
readonly onnxruntime_version=1.32.0
readonly onnxruntime_sha256=5a34fc4dfeb5a7b4a74c95dcba1e773d722abda720b474edf1b0c419dc6d163d
readonly onnxruntime_platform=manylinux_2_28_x86_64
readonly onnxruntime_headers=pool/main/o/onnxruntime/libonnxruntime-dev_1.21.0+dfsg-1_amd64.deb
readonly onnxruntime_headers_sha256=14f7d959d5deacbcf1504830d4189f91fc67382b399ed9ae9d3aa9c4050ced08
readonly onnxruntime_root=$deps/onnxruntime

# As the official wheel has it, with its CMake package, and with every library that package asks for; only the plugins of
# other devices and the Python around them stay behind. cmake/dependencies.cmake looks for it there.
readonly openvino_version=2026.4.1
readonly openvino_sha256=2d22b1da03f7caf74df30e9f6417d0ab2f637e4a38e08e1dcd294d2c37407aaf
readonly openvino_platform=manylinux_2_28_x86_64
readonly openvino_root=$deps/openvino
readonly openvino_parts=(
  'openvino/cmake/*' 'openvino/include/openvino/*' 'openvino/libs/libopenvino.so.*' 'openvino/libs/libopenvino_c.so.*'
  'openvino/libs/libopenvino_intel_cpu_plugin.so' 'openvino/libs/libopenvino_*_frontend.so.*'
  'openvino/libs/libtbb*' 'openvino/libs/libhwloc*'
)

Say() { printf '    %s\n' "$*"; }
Complain() { printf 'dependencies: %s\n' "$*" >&2; }

# The packages of one purpose, one a line; each purpose includes the one before.
PackagesFor() {
  case $1 in
    run) printf '%s\n' "${run_packages[@]}" ;;
    test) printf '%s\n' "${run_packages[@]}" "${test_packages[@]}" ;;
    check) printf '%s\n' "${run_packages[@]}" "${test_packages[@]}" "${check_packages[@]}" ;;
    *) Complain "unknown purpose '$1': it is run, test or check" && return 2 ;;
  esac
}

HasPhotographs() { compgen -G "$photographs/*.jpg" >/dev/null; }

# Of the packages named, those that are not installed.
MissingPackages() {
  local -A installed=()
  local status package
  while read -r status package; do
    [[ $status == ?i ]] && installed[$package]=1 # "hi": installed, and held at its version
  done < <(dpkg-query --show --showformat '${db:Status-Abbrev} ${Package}\n' "$@" 2>/dev/null)
  HasPhotographs || unset 'installed[opencv-doc]'
  for package in "$@"; do
    [[ -n ${installed[$package]:-} ]] || echo "$package"
  done
}

# AsRoot COMMAND...: as it is for root, else through sudo, which may ask for a password only where somebody can answer.
AsRoot() {
  if [[ $(id -u) == 0 ]]; then "$@"; elif [[ -t 0 ]]; then sudo "$@"; else sudo -n "$@"; fi
}

# Lets apt install the packages named. Its verdict is not asked for: what then is missing tells, and a source that can't
# be reached only matters if a package can't be had without it.
AptInstall() {
  local apt=(env DEBIAN_FRONTEND=noninteractive apt-get install --yes --no-install-recommends --fix-broken
    -o DPkg::Lock::Timeout=120 -o "Dpkg::Options::=--path-include=/usr/share/doc/opencv-doc*")
  AsRoot dpkg --configure -a || true # what an interrupted install left half done
  AsRoot apt-get update || true
  AsRoot "${apt[@]}" "$@" || true
  if [[ " $* " == *' opencv-doc '* ]] && ! HasPhotographs; then
    AsRoot "${apt[@]}" --reinstall opencv-doc || true
  fi
}

# Installs the packages named, or says which are missing and why, exit code 2.
InstallPackages() {
  local by_hand="apt-get update && apt-get install --no-install-recommends $*"
  if ! command -v apt-get >/dev/null; then
    Complain "missing: $*. This machine has no apt-get; install what your distribution calls these Debian 12 packages."
    return 2
  fi
  if ! AsRoot true 2>/dev/null; then
    Complain "missing: $*. Installing needs root, and sudo gave no right to it; as root run: $by_hand"
    return 2
  fi
  Say "apt-get install $*"
  local log missing
  log=$(mktemp)
  AptInstall "$@" >"$log" 2>&1
  mapfile -t missing < <(MissingPackages "$@")
  if ((${#missing[@]})); then
    grep -E -A 1 '^(E:|Err:|dpkg: error)' "$log" | head -n 12 >&2 || true
    rm -f "$log"
    Complain "could not install: ${missing[*]}. Check the network and /etc/apt/sources.list, then run as root: $by_hand"
    return 2
  fi
  rm -f "$log"
}

# The optional packages named; those that can't be had cost only the backends that need them.
InstallOptional() {
  InstallPackages "$@" || Say "left out: $*, and the backends that need them; ./quickstart tries again"
}

# FetchWheel FOLDER PACKAGE VERSION SHA256 PLATFORM: the wheel into the folder. pip refuses a file with another checksum.
FetchWheel() {
  echo "$2==$3 --hash=sha256:$4" >"$1/requirements.txt"
  python3 -m pip download --quiet --no-deps --only-binary=:all: --python-version 3.11 --implementation cp \
    --platform "$5" --require-hashes --requirement "$1/requirements.txt" --dest "$1" 2>"$1/log"
}

# Makes an empty folder beside where libraries come to lie, named in `work`, which goes when the script ends, however
# that is: what lies in .deps under its own name is whole, since it is unpacked here and renamed last.
MakeWorkFolder() {
  mkdir -p "$deps"
  if [[ -z $unfinished ]]; then
    unfinished=$(mktemp -d "$deps/unfinished.XXXXXX")
    trap 'rm -rf "$unfinished"' EXIT
  fi
  work=$unfinished/$1
  mkdir "$work"
}
unfinished=
work=

HasTensorFlow() {
  [[ -f $tensorflow_root/tensorflow/libtensorflow_cc.so.2 && $(cat "$tensorflow_root/wheel.sha256" 2>/dev/null) == "$tensorflow_sha256" ]]
}

# The last line of a log that names an error, or its last line.
LastError() {
  { grep -i error "$1" || cat "$1"; } | tail -n 1 | cut -c1-200
}

# The TensorFlow libraries, or a sentence why that backend is left out.
InstallTensorFlow() {
  if [[ $(uname -m) != x86_64 ]]; then
    Say "TensorFlow left out: its wheel with the C libraries is pinned for x86_64, and this machine is $(uname -m)"
    return 0
  fi
  Say "TensorFlow $tensorflow_version, CPU wheel of 274 MB, into ${tensorflow_root#"$repository"/}"
  MakeWorkFolder tensorflow
  if ! FetchWheel "$work" tensorflow-cpu "$tensorflow_version" "$tensorflow_sha256" "$tensorflow_platform"; then
    Complain "TensorFlow left out, its wheel could not be downloaded ($(LastError "$work/log")); with a network, run this again"
  elif ! unzip -q "$work"/*.whl "${tensorflow_parts[@]}" -d "$work/tensorflow" 2>"$work/log"; then
    Complain "TensorFlow left out, its wheel could not be unpacked ($(LastError "$work/log")); it takes 1.2 GB in $deps"
  else
    echo "$tensorflow_sha256" >"$work/tensorflow/wheel.sha256"
    rm -rf "$tensorflow_root"
    mv "$work/tensorflow" "$tensorflow_root"
  fi
}

HasOnnxRuntime() {
  [[ -f $onnxruntime_root/lib/libonnxruntime.so.1 && $(cat "$onnxruntime_root/sdk.sha256" 2>/dev/null) == "$onnxruntime_sha256 $onnxruntime_headers_sha256" ]]
}

# Fetches Debian's package with the headers into the folder named, from the first source of this machine's packages that
# has it; apt refuses a file with another checksum.
DownloadOnnxRuntimeHeaders() {
  local source helper=${SIGHTLINE_APT_HELPER:-/usr/lib/apt/apt-helper}
  echo 'error: apt knows no source of Debian packages' >"$1/log"
  for source in $(apt-get indextargets --format '$(REPO_URI)' 2>/dev/null | sort -u); do
    "$helper" download-file "$source$onnxruntime_headers" "$1/headers.deb" "SHA256:$onnxruntime_headers_sha256" \
      >"$1/log" 2>&1 && return 0
  done
  return 1
}

# Puts library and headers from the folder named into its sdk/ as cmake/FindOnnxRuntime.cmake wants them.
UnpackOnnxRuntime() {
  mkdir -p "$1/sdk/lib" "$1/sdk/include" &&
    unzip -q "$1"/*.whl 'onnxruntime/capi/libonnxruntime.so.*' -d "$1/wheel" 2>"$1/log" &&
    mv "$1"/wheel/onnxruntime/capi/libonnxruntime.so.* "$1/sdk/lib/libonnxruntime.so.1" &&
    dpkg-deb -x "$1/headers.deb" "$1/deb" 2>"$1/log" &&
    mv "$1"/deb/usr/include/onnxruntime/onnxruntime_c_api.h "$1/sdk/include" &&
    echo "$onnxruntime_sha256 $onnxruntime_headers_sha256" >"$1/sdk/sdk.sha256"
}

# Library and headers of ONNX Runtime, or a sentence why that backend is left out.
InstallOnnxRuntime() {
  if [[ $(uname -m) != x86_64 ]]; then
    Say "ONNX Runtime left out: its wheel is pinned for x86_64, and this machine is $(uname -m)"
    return 0
  fi
  Say "ONNX Runtime $onnxruntime_version, wheel of 28 MB and Debian's headers, into ${onnxruntime_root#"$repository"/}"
  MakeWorkFolder onnxruntime
  local why=''
  if ! FetchWheel "$work" onnxruntime "$onnxruntime_version" "$onnxruntime_sha256" "$onnxruntime_platform"; then
    why='its wheel could not be downloaded'
  elif ! DownloadOnnxRuntimeHeaders "$work"; then
    why="its headers could not be downloaded as Debian's ${onnxruntime_headers##*/}"
  elif ! UnpackOnnxRuntime "$work"; then
    why='it could not be unpacked'
  else
    rm -rf "$onnxruntime_root"
    mv "$work/sdk" "$onnxruntime_root"
  fi
  [[ -z $why ]] || Complain "ONNX Runtime left out, $why ($(LastError "$work/log")); with a network, run this again"
}

HasOpenVino() {
  [[ -f $openvino_root/openvino/cmake/OpenVINOConfig.cmake && $(cat "$openvino_root/wheel.sha256" 2>/dev/null) == "$openvino_sha256" ]]
}

# OpenVINO's libraries, headers and CMake package, or a sentence why that backend is left out.
InstallOpenVino() {
  if [[ $(uname -m) != x86_64 ]]; then
    Say "OpenVINO left out: its wheel is pinned for x86_64, and this machine is $(uname -m)"
    return 0
  fi
  Say "OpenVINO $openvino_version, wheel of 59 MB, into ${openvino_root#"$repository"/}"
  MakeWorkFolder openvino
  local why=''
  if ! FetchWheel "$work" openvino "$openvino_version" "$openvino_sha256" "$openvino_platform"; then
    why='its wheel could not be downloaded'
  elif ! unzip -q "$work"/*.whl "${openvino_parts[@]}" -d "$work/openvino" 2>"$work/log"; then
    why='its wheel could not be unpacked'
  else
    echo "$openvino_sha256" >"$work/openvino/wheel.sha256"
    rm -rf "$openvino_root"
    mv "$work/openvino" "$openvino_root"
  fi
  [[ -z $why ]] || Complain "OpenVINO left out, $why ($(LastError "$work/log")); with a network, run this again"
}

Main() {
  local action=${1:-} purpose=${2:-}
  if [[ $action != missing && $action != install ]]; then
    Complain "say 'missing' or 'install', then run, test or check"
    return 2
  fi
  local packages missing optional
  packages=$(PackagesFor "$purpose")
  mapfile -t packages <<<"$packages"
  mapfile -t missing < <(MissingPackages "${packages[@]}")
  mapfile -t optional < <(MissingPackages "${optional_packages[@]}")
  if [[ $action == missing ]]; then
    ((${#missing[@]})) && printf '%s\n' "${missing[@]}"
    ((${#optional[@]})) && printf '%s (optional)\n' "${optional[@]}"
    HasTensorFlow || echo "tensorflow-cpu==$tensorflow_version (optional)"
    HasOnnxRuntime || echo "onnxruntime==$onnxruntime_version (optional)"
    HasOpenVino || echo "openvino==$openvino_version (optional)"
    return 0
  fi
  if ((${#missing[@]})); then InstallPackages "${missing[@]}"; fi
  if ((${#optional[@]})); then InstallOptional "${optional[@]}"; fi
  HasTensorFlow || InstallTensorFlow
  HasOnnxRuntime || InstallOnnxRuntime
  HasOpenVino || InstallOpenVino
}

Main "$@"
