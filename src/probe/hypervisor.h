// Whether this is a virtual machine, and whose.
#pragma once

#include <string>

#include "src/probe/tree.h"

namespace sightline::probe {

// "KVM", "VMware", ...; "" = none seen. `cpu_says_so` is the flag "hypervisor" of /proc/cpuinfo, which x86
// hypervisors set; elsewhere what the firmware calls the machine must do.
std::string FindHypervisor(const Tree& tree, bool cpu_says_so);

}  // namespace sightline::probe
