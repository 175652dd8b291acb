#include "src/probe/sensors.h"

#include <algorithm>
#include <cctype>
#include <string_view>

#include "src/base/text.h"

namespace sightline::probe {
namespace {

// Parts of the names of sensors that sit in a processor: Intel, AMD, and boards that describe themselves
// ("tj" is the junction temperature of a Jetson).
constexpr std::string_view kProcessorSensors[] = {"coretemp", "x86_pkg_temp", "k8temp", "k10temp", "zenpower",
                                                  "cpu",      "soc",          "tj",     "package"};

// A Jetson's power controller names a sensor that always says 100 degrees.
constexpr std::string_view kPlaceholder = "pmic";

std::string LowerCase(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](unsigned char letter) { return static_cast<char>(std::tolower(letter)); });
  return text;
}

bool IsOfProcessor(const TemperatureSensor& sensor) {
  const std::string name = LowerCase(sensor.name);
  return std::any_of(std::begin(kProcessorSensors), std::end(kProcessorSensors),
                     [&](std::string_view part) { return name.find(part) != std::string::npos; });
}

bool IsPlaceholder(const TemperatureSensor& sensor) {
  return LowerCase(sensor.name).find(kPlaceholder) != std::string::npos;
}

void AddHwmon(const Tree& tree, std::vector<TemperatureSensor>& sensors) {
  const std::string all = "/sys/class/hwmon/";
  for (const std::string& chip : tree.Names(all, "hwmon")) {
    const std::string folder = all + chip + "/";
    TemperatureSensor sensor{.name = tree.Word(folder + "name").value_or(chip), .files = {}};
    for (const std::string& file : tree.Names(folder, "temp")) {
      if (file.ends_with("_input")) sensor.files.push_back(std::string(folder).append(file));
    }
    if (!sensor.files.empty()) sensors.push_back(std::move(sensor));
  }
}

void AddThermalZones(const Tree& tree, std::vector<TemperatureSensor>& sensors) {
  const std::string all = "/sys/class/thermal/";
  for (const std::string& zone : tree.Names(all, "thermal_zone")) {
    const std::string file = all + zone + "/temp";
    if (!tree.Integer(file)) continue;
    sensors.push_back({.name = tree.Word(all + zone + "/type").value_or(zone), .files = {file}});
  }
}

// Packages only: "intel-rapl:0:0" is a part of "intel-rapl:0", and "psys" is the whole board around the
// packages. AMD processors use the same names.
std::vector<EnergyCounter> FindRapl(const Tree& tree) {
  const std::string all = "/sys/class/powercap/";
  std::vector<EnergyCounter> counters;
  for (const std::string& zone : tree.Names(all, "intel-rapl:")) {
    std::string name = tree.Word(all + zone + "/name").value_or("");
    if (std::count(zone.begin(), zone.end(), ':') != 1 || !name.starts_with("package")) continue;
    counters.push_back({.name = std::move(name),
                        .file = all + zone + "/energy_uj",
                        .range_uj = tree.Count(all + zone + "/max_energy_range_uj").value_or(0)});
  }
  return counters;
}

// What the hwmon chips that measure a processor's energy have: the 64-bit counters of amd_energy ("Esocket0",
// and one a core, whose energy the socket's includes) and of others that label theirs.
std::vector<EnergyCounter> FindHwmonEnergy(const Tree& tree) {
  const std::string all = "/sys/class/hwmon/";
  std::vector<EnergyCounter> counters;
  for (const std::string& chip : tree.Names(all, "hwmon")) {
    const std::string folder = all + chip + "/";
    const std::string name = tree.Word(folder + "name").value_or(chip);
    for (const std::string& file : tree.Names(folder, "energy")) {
      if (!file.ends_with("_input")) continue;
      const std::string stem = file.substr(0, file.size() - std::string_view("_input").size());
      const std::string label = tree.Word(folder + stem + "_label").value_or(stem);
      if (LowerCase(label).find("core") != std::string::npos) continue;
      counters.push_back({.name = name + " " + label, .file = folder + file, .range_uj = 0});
    }
  }
  return counters;
}

std::string Describe(const TemperatureSensor& sensor) {
  if (sensor.files.size() == 1) return sensor.name;
  return sensor.name + " (" + std::to_string(sensor.files.size()) + " readings)";
}

}  // namespace

Sensors FindSensors(const Tree& tree) {
  Sensors sensors;
  std::vector<TemperatureSensor>& all = sensors.temperatures;
  AddHwmon(tree, all);
  AddThermalZones(tree, all);
  std::erase_if(all, IsPlaceholder);
  if (std::any_of(all.begin(), all.end(), IsOfProcessor)) {
    std::erase_if(all, [](const TemperatureSensor& sensor) { return !IsOfProcessor(sensor); });
  }
  // Not both: on AMD processors they tell the same energy.
  sensors.energy = FindRapl(tree);
  sensors.energy_source = "RAPL";
  if (sensors.energy.empty()) {
    sensors.energy = FindHwmonEnergy(tree);
    sensors.energy_source = "hwmon";
  }
  return sensors;
}

std::string DescribeTemperatures(const Sensors& sensors) {
  std::vector<std::string> names;
  names.reserve(sensors.temperatures.size());
  for (const TemperatureSensor& sensor : sensors.temperatures) names.push_back(Describe(sensor));
  return names.empty() ? "no sensor" : Join(names);
}

std::string DescribeEnergy(const Tree& tree, const Sensors& sensors) {
  if (sensors.energy.empty()) return "no sensor";
  std::vector<std::string> names;
  names.reserve(sensors.energy.size());
  for (const EnergyCounter& counter : sensors.energy) names.push_back(counter.name);
  const auto values = ReadEnergy(tree, sensors);
  const bool readable =
      std::all_of(values.begin(), values.end(), [](const auto& v) { return v.has_value(); });
  return sensors.energy_source + ": " + Join(names) + (readable ? "" : ", not readable by this user");
}

std::optional<double> HottestCelsius(const Tree& tree, const Sensors& sensors) {
  std::optional<double> hottest;
  for (const TemperatureSensor& sensor : sensors.temperatures) {
    for (const std::string& file : sensor.files) {
      const auto thousandths = tree.Integer(file);
      if (!thousandths) continue;
      const double celsius = static_cast<double>(*thousandths) / 1000;
      if (!hottest || celsius > *hottest) hottest = celsius;
    }
  }
  return hottest;
}

std::vector<std::optional<int64_t>> ReadEnergy(const Tree& tree, const Sensors& sensors) {
  std::vector<std::optional<int64_t>> values;
  values.reserve(sensors.energy.size());
  for (const EnergyCounter& counter : sensors.energy) values.push_back(tree.Count(counter.file));
  return values;
}

std::optional<double> EnergyBetween(const Sensors& sensors,
                                    const std::vector<std::optional<int64_t>>& begin_uj,
                                    const std::vector<std::optional<int64_t>>& end_uj) {
  if (sensors.energy.empty()) return std::nullopt;
  double joules = 0;
  for (size_t i = 0; i < sensors.energy.size(); ++i) {
    const std::optional<int64_t> begin = begin_uj[i];
    const std::optional<int64_t> end = end_uj[i];
    if (!begin || !end) return std::nullopt;
    int64_t used = *end - *begin;
    if (used < 0) used += sensors.energy[i].range_uj;
    if (used < 0) return std::nullopt;
    joules += static_cast<double>(used) / 1e6;
  }
  return joules;
}

}  // namespace sightline::probe
