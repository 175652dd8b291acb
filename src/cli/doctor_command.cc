#include "src/cli/doctor_command.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "src/backend/backend.h"
#include "src/base/text.h"
#include "src/base/version.h"
#include "src/probe/probe.h"
#include "src/store/json_text.h"
#include "src/store/machine_json.h"
#include "src/zoo/zoo.h"

namespace sightline::cli {
namespace {

using Json = nlohmann::ordered_json;

// A backend that was looked for: loaded, or why not.
struct Looked {
  std::string name;
  std::shared_ptr<backend::Backend> backend;
  std::string problem;
};

// A backend may open its framework only when a model comes: so give it the smallest network of the zoo, on
// its first device.
Status TryOut(backend::Backend& backend) {
  constexpr const char* kSmall = "mobilenet_v1_0.25_128";
  SIGHTLINE_ASSIGN_OR_RETURN(const network::Network network, zoo::Build(kSmall, 1));
  backend::EngineOptions options;
  options.device = backend.info().devices.front().id;
  return backend.CreateEngine({.name = kSmall, .network = &network, .file = {}}, options).status();
}

std::vector<Looked> LookForBackends() {
  std::vector<Looked> looked;
  for (const backend::BackendEntry& entry : backend::FindBackends()) {
    Looked& one = looked.emplace_back(Looked{.name = entry.name});
    if (entry.library.empty()) {
      one.problem = entry.how_to_get;
      continue;
    }
    auto backend = backend::Backend::Load(entry.name);
    const Status status = backend.ok() ? TryOut(**backend) : backend.status();
    if (status.ok()) {
      one.backend = *backend;
    } else {
      one.problem = status.error().message();
    }
  }
  return looked;
}

std::vector<std::string> NamesOf(uint32_t bits, std::string_view (*name)(int)) {
  std::vector<std::string> names;
  for (int i = 0; i < 32; ++i) {
    if ((bits & (1u << i)) != 0) names.emplace_back(name(i));
  }
  return names;
}
std::vector<std::string> Precisions(const backend::BackendInfo& info) {
  return NamesOf(info.precisions, [](int i) { return DataTypeName(static_cast<DataType>(i)); });
}
std::vector<std::string> Layouts(const backend::BackendInfo& info) {
  return NamesOf(info.layouts, [](int i) { return LayoutName(static_cast<Layout>(i)); });
}
std::vector<std::string> Formats(const backend::BackendInfo& info) {
  std::vector<std::string> formats = info.file_formats;
  if ((info.model_kinds & (SL_MODEL_ONNX | SL_MODEL_GRAPH)) != 0) formats.insert(formats.begin(), ".onnx");
  return formats;
}

std::string BackendText(const Looked& looked, bool options) {
  if (!looked.backend) return fmt::format("  {:<12} not here: {}\n", looked.name, looked.problem);
  const backend::BackendInfo& info = looked.backend->info();
  std::string devices;
  for (const auto& device : info.devices) devices += (devices.empty() ? "" : ", ") + device.id;
  std::string text = fmt::format("  {:<12} {} {} on {}; {}; {}; opens {}\n", looked.name, info.framework,
                                 info.framework_version, devices, Join(Precisions(info)), Join(Layouts(info)),
                                 Join(Formats(info)));
  if (!info.framework_build.empty())
    text += fmt::format("  {:<12} built with {}\n", "", info.framework_build);
  if (!options) return text;
  for (const auto& option : info.options) {
    text += fmt::format("  {:<12} --option {}={}  {} (default: {})\n", "", option.key, option.values,
                        option.help, option.default_value);
  }
  return text;
}

Json BackendJson(const Looked& looked) {
  Json json{{"name", looked.name}, {"available", looked.backend != nullptr}};
  if (!looked.backend) {
    json["problem"] = looked.problem;
    return json;
  }
  const backend::BackendInfo& info = looked.backend->info();
  json["framework"] = info.framework;
  json["framework_version"] = info.framework_version;
  json["framework_build"] = info.framework_build;
  json["precisions"] = Precisions(info);
  json["layouts"] = Layouts(info);
  json["formats"] = Formats(info);
  json["max_onnx_opset"] = info.max_onnx_opset;
  for (const auto& device : info.devices)
    json["devices"].push_back({{"id", device.id}, {"name", device.name}});
  for (const auto& option : info.options) {
    json["options"].push_back({{"key", option.key},
                               {"values", option.values},
                               {"default", option.default_value},
                               {"help", option.help}});
  }
  return json;
}

template <typename T>
std::string Or(const std::optional<T>& value, std::string_view unit, std::string_view absent) {
  return value ? fmt::format("{}{}", *value, unit) : std::string(absent);
}

std::string MachineText(const MachineFacts& m) {
  constexpr double kGiB = 1 << 30;
  std::string cores;
  for (const int core : m.allowed_cores) cores += (cores.empty() ? "" : ", ") + std::to_string(core);
  std::string text;
  const auto line = [&](std::string_view name, const std::string& value) {
    text += fmt::format("  {:<12} {}\n", name, value);
  };
  line("cpu", fmt::format("{} ({}), {}", m.cpu_model, m.architecture, Join(m.cpu_features, " ")));
  line("cores",
       fmt::format("allowed: {}; container limit: {}", cores, Or(m.cgroup_cpu_limit, " cores", "none")));
  line("clock",
       fmt::format("{} now, {} at most; governor {}; boost {}", Or(m.frequency.now_mhz, " MHz", "not shown"),
                   Or(m.frequency.max_mhz, " MHz", "not shown"), m.governor.value_or("not shown"),
                   m.boost ? (*m.boost ? "on" : "off") : "not shown"));
  line("memory", fmt::format("{:.1f} GiB, {:.1f} GiB available; swap {:.1f} GiB",
                             static_cast<double>(m.memory_total_bytes.value_or(0)) / kGiB,
                             static_cast<double>(m.memory_available_bytes.value_or(0)) / kGiB,
                             static_cast<double>(m.swap_total_bytes.value_or(0)) / kGiB));
  line("system", fmt::format("{}, Linux {}, clock source {}{}", m.distribution, m.kernel, m.clocksource,
                             m.hypervisor.empty() ? "" : ", on " + m.hypervisor));
  line("temperature", m.temperature_sensors);
  line("energy", m.energy_sensors);
  return text;
}

// What makes figures of this machine vary, judged before a run.
std::vector<std::string> Warnings(const MachineFacts& m) {
  std::vector<std::string> warnings;
  const double cores = static_cast<double>(m.allowed_cores.size());
  if (!m.hypervisor.empty()) {
    warnings.emplace_back(
        "this is a virtual machine: others share its cores and caches, so compare figures of one run "
        "only, never absolute ones across days");
  }
  if (m.load_average_1min && *m.load_average_1min > 0.25 * cores) {
    warnings.push_back(fmt::format("the load average is {:.2f} on {} cores: something else is running",
                                   *m.load_average_1min, m.allowed_cores.size()));
  }
  if (m.governor && *m.governor != "performance") {
    warnings.push_back(
        fmt::format("the frequency governor is '{}': the clock follows the load", *m.governor));
  }
  if (m.boost.value_or(false))
    warnings.emplace_back("boost is on: the clock depends on temperature and on other cores");
  if (m.cgroup_cpu_limit && *m.cgroup_cpu_limit < cores) {
    warnings.push_back(
        fmt::format("the container may use {:.1f} of {} cores: threads beyond that are stopped for part "
                    "of each period",
                    *m.cgroup_cpu_limit, m.allowed_cores.size()));
  }
  return warnings;
}

}  // namespace

void DoctorCommand::AddFlags(CLI::App& app) {
  app.add_flag("--options", options_, "also list the options of each backend");
  app.add_flag("--json", json_, "print JSON");
}

int DoctorCommand::Run(CliEnv& env) {
  const MachineFacts machine = probe::ProbeMachine();
  const ClockFacts clock = MeasureClock(env.clock);
  const std::vector<Looked> backends = LookForBackends();
  const std::vector<std::string> warnings = Warnings(machine);
  if (json_) {
    Json json;
    json["version"] = VersionText();
    json["build"] = BuildText();
    for (const Looked& looked : backends) json["backends"].push_back(BackendJson(looked));
    json["machine"] = store::MachineToJson(machine);
    json["clock_resolution_ns"] = clock.resolution_ns;
    json["clock_read_cost_ns"] = clock.read_cost_ns;
    json["warnings"] = warnings;
    env.out << store::JsonText(json);
    return kExitDone;
  }
  env.out << VersionText() << ", " << BuildText() << "\n\nbackends\n";
  for (const Looked& looked : backends) env.out << BackendText(looked, options_);
  env.out << "\nmachine\n"
          << MachineText(machine)
          << fmt::format("  {:<12} ticks every {} ns, {} ns per read\n", "timer", clock.resolution_ns,
                         clock.read_cost_ns)
          << "\nwhat disturbs measurement here\n";
  for (const std::string& warning : warnings) env.out << "  - " << warning << "\n";
  if (warnings.empty()) env.out << "  nothing that shows\n";
  return kExitDone;
}

}  // namespace sightline::cli
