#include "src/probe/hypervisor.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <string_view>

#if defined(__x86_64__) || defined(__i386__)
#include <cpuid.h>
#endif

namespace sightline::probe {
namespace {

struct Maker {
  std::string_view sign;  // somewhere in the text
  std::string_view name;
};

// In vendor and product name of the firmware tables (DMI). The order matters: most clouds run on KVM and say
// more.
constexpr Maker kMachines[] = {
    {"Amazon EC2", "Amazon EC2"},
    {"Google Compute Engine", "Google Compute Engine"},
    {"VMware", "VMware"},
    {"VirtualBox", "VirtualBox"},
    {"Virtual Machine", "Hyper-V"},
    {"Parallels", "Parallels"},
    {"Xen", "Xen"},
    {"HVM domU", "Xen"},
    {"KVM", "KVM"},
    {"QEMU", "QEMU"},
    {"OpenStack", "OpenStack"},
};

// The twelve characters a hypervisor answers CPUID leaf 0x40000000 with, in ebx, ecx, edx.
constexpr Maker kSignatures[] = {
    {"KVMKVMKVM", "KVM"},  {"Microsoft Hv", "Hyper-V"}, {"VMwareVMware", "VMware"}, {"XenVMMXenVMM", "Xen"},
    {"TCGTCGTCG", "QEMU"}, {"bhyve bhyve", "bhyve"},    {"ACRNACRNACRN", "ACRN"},
};

template <size_t n>
std::string NameIn(const Maker (&makers)[n], std::string_view text) {
  const auto* found = std::find_if(std::begin(makers), std::end(makers), [&](const Maker& m) {
    return text.find(m.sign) != std::string_view::npos;
  });
  return found == std::end(makers) ? std::string() : std::string(found->name);
}

std::string FromFirmware(const Tree& tree) {
  const std::string dmi = "/sys/class/dmi/id/";
  const std::string product = tree.Word(dmi + "product_name").value_or("");
  // Clouds let whole machines too, under the same vendor's name.
  if (product.ends_with(".metal") || product.find(".metal-") != std::string::npos) return {};
  return NameIn(kMachines, tree.Word(dmi + "sys_vendor").value_or("") + " " + product);
}

// Instructions cannot be asked of a made-up machine, so only the real one answers.
std::string FromInstruction(const Tree& tree) {
#if defined(__x86_64__) || defined(__i386__)
  if (!tree.is_this_machine()) return {};
  constexpr unsigned kHypervisorLeaf = 0x40000000;
  unsigned eax = 0;
  std::array<unsigned, 3> registers{};
  __cpuid(kHypervisorLeaf, eax, registers[0], registers[1], registers[2]);
  std::array<char, sizeof registers> signature{};
  std::memcpy(signature.data(), registers.data(), sizeof registers);
  return NameIn(kSignatures, {signature.data(), signature.size()});
#else
  static_cast<void>(tree);
  static_cast<void>(kSignatures);
  return {};
#endif
}

}  // namespace

std::string FindHypervisor(const Tree& tree, bool cpu_says_so) {
  if (tree.Word("/sys/hypervisor/type") == "xen") return "Xen";
  std::string name = FromFirmware(tree);
  if (name.empty() && cpu_says_so) name = FromInstruction(tree);
  const bool is_virtual = cpu_says_so || tree.Word("/proc/device-tree/hypervisor/compatible");
  if (name.empty() && is_virtual) return "hypervisor of unknown make";
  return name;
}

}  // namespace sightline::probe
