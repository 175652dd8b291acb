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

# What the container may use. Version 2 of control groups has all files in one folder, version 1 one for each kind.
readonly control_group=${SIGHTLINE_CONTROL_GROUP:-/sys/fs/cgroup}

# FirstOf FILE...: the contents of the first of the container's files that is there.
FirstOf() {
  local file
  for file in "$@"; do
    cat "$control_group/$file" 2>/dev/null && return 0
  done
  return 1
}

# MemoryKiB: what may still be allocated: free memory of the machine, or of the container where that is less. What the
# container holds as cache of files it has read is free for the asking, and after a download it is most of what it uses.
MemoryKiB() {
  local available limit used cache
  available=$(awk '/^MemAvailable:/ { print $2 }' /proc/meminfo)
  if limit=$(FirstOf memory.max memory/memory.limit_in_bytes) && [[ $limit != max ]] &&
    used=$(FirstOf memory.current memory/memory.usage_in_bytes); then
    cache=$(FirstOf memory.stat memory/memory.stat | awk '$1 ~ /^(total_)?inactive_file$/ { most = $2 > most ? $2 : most }
      END { printf "%.0f", most }')
    limit=$(((limit - used + cache) / 1024))
    ((limit < available)) && available=$limit
  fi
  echo "$available"
}

# Cores: those this process may use, fewer where the container's time on them is limited.
Cores() {
  local cores quota period
  cores=$(nproc)
  if read -r quota period < <(FirstOf cpu.max || paste "$control_group"/cpu/cpu.cfs_{quota,period}_us 2>/dev/null) &&
    [[ $quota =~ ^[1-9][0-9]*$ && $period =~ ^[1-9][0-9]*$ ]]; then
    quota=$(((quota + period - 1) / period))
    ((quota < cores)) && cores=$quota
  fi
  echo "$cores"
}

# BuildJobs: one compiler per core, fewer where they would not have 1 GiB each (the largest files take that much).
BuildJobs() {
  local jobs fit
  jobs=$(Cores)
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
