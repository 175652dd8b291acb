// Temperature and energy, where the machine measures them: hwmon and thermal zones (kernel docs
// hwmon/sysfs-interface, driver-api/thermal/sysfs-api), and the RAPL counters of Intel and AMD
// (power/powercap/powercap), or hwmon's energy counters where there is no RAPL.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "src/probe/tree.h"

namespace sightline::probe {

struct TemperatureSensor {
  std::string name;                // "coretemp", "cpu-thermal"
  std::vector<std::string> files;  // in thousandths of a degree Celsius
};

// Energy a processor package has used; starts over from 0 after `range_uj` (0: never).
struct EnergyCounter {
  std::string name;  // "package-0"
  std::string file;  // in microjoules
  int64_t range_uj = 0;
};

struct Sensors {
  // Those of the processor if the machine names any as such, else all: a disk is often the hottest thing in a
  // machine and says nothing about the processor.
  std::vector<TemperatureSensor> temperatures;
  std::vector<EnergyCounter> energy;
  std::string energy_source;  // "RAPL", or "hwmon" on machines without
};
Sensors FindSensors(const Tree& tree);

// In words, for people: "coretemp (5 readings)", "no sensor".
std::string DescribeTemperatures(const Sensors& sensors);
// "RAPL: package-0", "RAPL: package-0, not readable by this user", "hwmon: amd_energy Esocket0", "no sensor".
std::string DescribeEnergy(const Tree& tree, const Sensors& sensors);

// Degrees Celsius of the hottest; absent if none answers.
std::optional<double> HottestCelsius(const Tree& tree, const Sensors& sensors);

// Of each counter in Sensors::energy, in its order.
std::vector<std::optional<int64_t>> ReadEnergy(const Tree& tree, const Sensors& sensors);
// Sum over all counters between two readings, in joules; absent if one of them could not be read. A counter
// that started over is put right once; with ranges of 65 kJ and more it takes ten minutes at 100 W to do so.
std::optional<double> EnergyBetween(const Sensors& sensors,
                                    const std::vector<std::optional<int64_t>>& begin_uj,
                                    const std::vector<std::optional<int64_t>>& end_uj);

}  // namespace sightline::probe
