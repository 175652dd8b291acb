// The processor and the part of it this process may use.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "src/flow/machine.h"
#include "src/probe/tree.h"

namespace sightline::probe {

// Hardware threads the affinity mask of the process allows, ascending; empty if the kernel does not say.
std::vector<int> ReadAllowedCores(const Tree& tree);

// "/sys/devices/system/cpu/cpu3/"
std::string CoreFolder(int core);

// Current clock of a core as its frequency driver tells it; absent without one, as in most virtual machines.
std::optional<double> DriverFrequencyMhz(const Tree& tree, int core);

// Fills in everything of `facts` that is about the processor, `allowed_cores` to `boost`, and `hypervisor`.
void ReadProcessor(const Tree& tree, MachineFacts& facts);

}  // namespace sightline::probe
