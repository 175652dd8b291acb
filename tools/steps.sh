# shellcheck shell=bash
# Sourced by quickstart and check: announced steps with their times, and how many compilers fit this machine.

# Step TITLE: announces what happens next.
Step() {
  step_title=$1
  step_began=$SECONDS
  printf '\n==> %s\n' "$step_title"
}

# StepDone [VERDICT]: closes the step with the time it took.
StepDone() {
  printf '    %s after %d s\n' "${1:-done}" $((SECONDS - step_began))
}

# MemoryKiB: what may still be allocated: free memory of the machine, or of the cgroup where that is less.
MemoryKiB() {
  local available limit used
  available=$(awk '/^MemAvailable:/ { print $2 }' /proc/meminfo)
  if limit=$(cat /sys/fs/cgroup/memory.max 2>/dev/null) && [[ $limit != max ]] &&
    used=$(cat /sys/fs/cgroup/memory.current 2>/dev/null); then
    limit=$(((limit - used) / 1024))
    ((limit < available)) && available=$limit
  fi
  echo "$available"
}

# BuildJobs: one compiler per core, fewer where they would not have 1 GiB each (the largest files take that much).
BuildJobs() {
  local jobs fit
  jobs=$(nproc)
  fit=$(($(MemoryKiB) / 1048576))
  ((fit < jobs)) && jobs=$fit
  ((jobs < 1)) && jobs=1
  echo "$jobs"
}

# BuildPreset PRESET FOLDER [TARGET]...: configures by a preset of CMakePresets.json, quietly, and builds all or the
# targets named with ninja's own progress. Says what failed and returns 1.
BuildPreset() {
  mkdir -p "$2"
  if ! cmake --preset "$1" >"$2/configure.log" 2>&1; then
    grep -A 6 'CMake Error' "$2/configure.log" >&2 || cat "$2/configure.log" >&2
    echo "CMake could not configure preset '$1'; its whole output is in $2/configure.log" >&2
    return 1
  fi
  if ! ninja -C "$2" -j "$(BuildJobs)" "${@:3}"; then
    echo "building preset '$1' failed; the first error above says where" >&2
    return 1
  fi
}
