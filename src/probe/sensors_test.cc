#include "src/probe/sensors.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "src/probe/fake_tree.h"

namespace sightline::probe {
namespace {

void PutRapl(FakeTree& fake, const std::string& zone, const std::string& name, const std::string& energy_uj) {
  const std::string folder = "/sys/class/powercap/" + zone;
  fake.Put(folder + "/name", name + "\n").Put(folder + "/max_energy_range_uj", "262143328850\n");
  if (!energy_uj.empty()) fake.Put(folder + "/energy_uj", energy_uj + "\n");
}

TEST(Temperature, TheHottestReadingOfTheProcessorCounts) {
  FakeTree fake;
  fake.Put("/sys/class/hwmon/hwmon0/name", "nvme\n").Put("/sys/class/hwmon/hwmon0/temp1_input", "81850\n");
  fake.Put("/sys/class/hwmon/hwmon1/name", "coretemp\n")
      .Put("/sys/class/hwmon/hwmon1/temp1_input", "52000\n");
  fake.Put("/sys/class/hwmon/hwmon1/temp2_input", "61500\n")
      .Put("/sys/class/hwmon/hwmon1/temp2_crit", "100000\n");
  fake.Put("/sys/class/thermal/thermal_zone0/type", "iwlwifi_1\n");  // no reading: the radio is off
  const Sensors sensors = FindSensors(fake.tree());
  EXPECT_EQ(DescribeTemperatures(sensors), "coretemp (2 readings)");
  EXPECT_EQ(HottestCelsius(fake.tree(), sensors), 61.5);
}

TEST(Temperature, WithoutAProcessorsSensorAllCount) {
  FakeTree fake;
  fake.Put("/sys/class/hwmon/hwmon0/name", "acpitz\n").Put("/sys/class/hwmon/hwmon0/temp1_input", "27800\n");
  fake.Put("/sys/class/thermal/thermal_zone0/temp", "-5000\n");
  const Sensors sensors = FindSensors(fake.tree());
  EXPECT_EQ(DescribeTemperatures(sensors), "acpitz, thermal_zone0");
  EXPECT_EQ(HottestCelsius(fake.tree(), sensors), 27.8);
}

TEST(Temperature, KnowsTheSensorsOfAJetson) {
  FakeTree fake;
  const auto put = [&](int zone, const char* type, const char* temperature) {
    const std::string folder = "/sys/class/thermal/thermal_zone" + std::to_string(zone);
    fake.Put(folder + "/type", type).Put(folder + "/temp", temperature);
  };
  put(0, "CPU-therm\n", "45500\n");
  put(1, "GPU-therm\n", "90000\n");
  put(2, "PMIC-Die\n", "100000\n");
  put(3, "tj-thermal\n", "46000\n");
  const Sensors sensors = FindSensors(fake.tree());
  EXPECT_EQ(DescribeTemperatures(sensors), "CPU-therm, tj-thermal");
  EXPECT_EQ(HottestCelsius(fake.tree(), sensors), 46);
}

TEST(Temperature, APlaceholderNeverCounts) {
  FakeTree fake;
  fake.Put("/sys/class/thermal/thermal_zone0/type", "PMIC-Die\n")
      .Put("/sys/class/thermal/thermal_zone0/temp", "100000\n");
  EXPECT_EQ(DescribeTemperatures(FindSensors(fake.tree())), "no sensor");
}

TEST(Temperature, AGarbledReadingIsLeftOut) {
  FakeTree fake;
  fake.Put("/sys/class/hwmon/hwmon0/name", "k10temp\n").Put("/sys/class/hwmon/hwmon0/temp1_input", "warm\n");
  EXPECT_FALSE(HottestCelsius(fake.tree(), FindSensors(fake.tree())).has_value());
}

TEST(Energy, SumsThePackagesAndNothingInsideOrAroundThem) {
  FakeTree fake;
  PutRapl(fake, "intel-rapl:0", "package-0", "1000000");
  PutRapl(fake, "intel-rapl:0:0", "core", "7");
  PutRapl(fake, "intel-rapl:1", "psys", "7");
  PutRapl(fake, "intel-rapl:2", "package-1", "5000000");
  PutRapl(fake, "intel-rapl-mmio:0", "package-0", "1000000");
  const Sensors sensors = FindSensors(fake.tree());
  EXPECT_EQ(DescribeEnergy(fake.tree(), sensors), "RAPL: package-0, package-1");
  const auto begin = ReadEnergy(fake.tree(), sensors);
  PutRapl(fake, "intel-rapl:0", "package-0", "3500000");
  PutRapl(fake, "intel-rapl:2", "package-1", "6000000");
  EXPECT_EQ(EnergyBetween(sensors, begin, ReadEnergy(fake.tree(), sensors)), 3.5);
}

TEST(Energy, HwmonCountsWhereThereIsNoRapl) {
  FakeTree fake;
  const std::string folder = "/sys/class/hwmon/hwmon2/";
  fake.Put(folder + "name", "amd_energy\n");
  fake.Put(folder + "energy1_label", "Ecore000\n").Put(folder + "energy1_input", "900\n");
  fake.Put(folder + "energy2_label", "Esocket0\n").Put(folder + "energy2_input", "1000000\n");
  const Sensors sensors = FindSensors(fake.tree());
  EXPECT_EQ(DescribeEnergy(fake.tree(), sensors), "hwmon: amd_energy Esocket0");
  const auto begin = ReadEnergy(fake.tree(), sensors);
  fake.Put(folder + "energy2_input", "3000000\n");
  EXPECT_EQ(EnergyBetween(sensors, begin, ReadEnergy(fake.tree(), sensors)), 2);
  PutRapl(fake, "intel-rapl:0", "package-0", "1");
  EXPECT_EQ(DescribeEnergy(fake.tree(), FindSensors(fake.tree())), "RAPL: package-0");
}

TEST(Energy, ACounterThatStartedOverIsPutRight) {
  FakeTree fake;
  PutRapl(fake, "intel-rapl:0", "package-0", "262143000000");
  const Sensors sensors = FindSensors(fake.tree());
  const auto begin = ReadEnergy(fake.tree(), sensors);
  PutRapl(fake, "intel-rapl:0", "package-0", "671150");
  EXPECT_EQ(EnergyBetween(sensors, begin, ReadEnergy(fake.tree(), sensors)),
            1.0);  // 0.32885 J to the end, 0.67115 J on
}

TEST(Energy, ACounterOnlyRootMayReadIsSaidToBeSo) {
  FakeTree fake;
  PutRapl(fake, "intel-rapl:0", "package-0", "");
  const Sensors sensors = FindSensors(fake.tree());
  EXPECT_EQ(DescribeEnergy(fake.tree(), sensors), "RAPL: package-0, not readable by this user");
  const auto values = ReadEnergy(fake.tree(), sensors);
  EXPECT_FALSE(EnergyBetween(sensors, values, values).has_value());
}

TEST(Energy, ACounterThatRanBackwardsWithoutARangeIsAbsent) {
  const Sensors sensors{.temperatures = {}, .energy = {{.name = "package-0", .file = "", .range_uj = 0}}};
  EXPECT_FALSE(EnergyBetween(sensors, {5}, {4}).has_value());
}

TEST(Sensors, AMachineWithoutAnySaysSo) {
  const FakeTree fake;
  const Sensors sensors = FindSensors(fake.tree());
  EXPECT_EQ(DescribeTemperatures(sensors), "no sensor");
  EXPECT_EQ(DescribeEnergy(fake.tree(), sensors), "no sensor");
  EXPECT_FALSE(HottestCelsius(fake.tree(), sensors).has_value());
  EXPECT_FALSE(EnergyBetween(sensors, {}, {}).has_value());
}

}  // namespace
}  // namespace sightline::probe
