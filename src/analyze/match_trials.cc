#include "src/analyze/match_trials.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <functional>
#include <map>
#include <set>
#include <utility>

#include "src/base/duration.h"
#include "src/base/text.h"

namespace sightline::analyze {
namespace {

// "" of a factor it doesn't have.
std::string LevelOrNone(const Factors& configuration, const std::string& name) {
  const std::string* level = LevelOf(configuration, name);
  return level == nullptr ? "" : *level;
}

Factors Chosen(const Factors& configuration, const std::vector<std::string>& names) {
  Factors chosen;
  for (const std::string& name : names) chosen.emplace_back(name, LevelOrNone(configuration, name));
  return chosen;
}

// Every factor that any trial of the two sides has, in the order of their first appearance.
std::vector<std::string> NamesOf(const ComparedSide& a, const ComparedSide& b) {
  std::vector<std::string> names;
  for (const ComparedSide* side : {&a, &b}) {
    for (const ComparedTrial& trial : side->trials) {
      for (const auto& [name, level] : trial.configuration) {
        if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
      }
    }
  }
  return names;
}

bool VariesWithin(const ComparedSide& side, const std::string& name) {
  return std::any_of(side.trials.begin(), side.trials.end(), [&](const ComparedTrial& trial) {
    return LevelOrNone(trial.configuration, name) != LevelOrNone(side.trials.front().configuration, name);
  });
}

std::vector<std::string> VaryingNames(const ComparedSide& a, const ComparedSide& b) {
  std::vector<std::string> names = NamesOf(a, b);
  std::erase_if(names,
                [&](const std::string& name) { return !VariesWithin(a, name) && !VariesWithin(b, name); });
  return names;
}

// A fact of a result, in words; "" where it is not known.
struct Fact {
  const char* name;
  std::function<std::string(const RunResult&)> value;
};

std::string Number(const std::optional<int>& value) {
  return value ? std::to_string(*value) : "";
}

// Under the names of the flags of `sightline run`.
const std::vector<Fact>& Limits() {
  static const std::vector<Fact> facts = {
      {"warm_up",
       [](const RunResult& r) {
         return r.manifest.limits ? DurationText(r.manifest.limits->warm_up) : std::string();
       }},
      {"duration",
       [](const RunResult& r) {
         const auto& limits = r.manifest.limits;
         return limits && limits->duration ? DurationText(*limits->duration) : std::string();
       }},
      {"iterations",
       [](const RunResult& r) {
         const auto& limits = r.manifest.limits;
         return limits && limits->iterations ? std::to_string(*limits->iterations) : std::string();
       }},
      {"stop",
       [](const RunResult& r) {
         if (!r.manifest.limits || !r.manifest.limits->stop_when) return std::string();
         const StopGoal& goal = *r.manifest.limits->stop_when;
         return fmt::format("{} to {:.3g} %", QuantityName(goal.quantity), goal.half_width * 100);
       }},
  };
  return facts;
}

const std::vector<Fact>& Facts() {
  static const std::vector<Fact> facts = {
      {"sightline", [](const RunResult& r) { return r.manifest.sightline_version; }},
      {"build", [](const RunResult& r) { return r.manifest.build; }},
      {"framework",
       [](const RunResult& r) {
         return r.manifest.backend.framework + " " + r.manifest.backend.framework_version;
       }},
      {"framework_build", [](const RunResult& r) { return r.manifest.backend.framework_build; }},
      {"precision_run", [](const RunResult& r) { return r.manifest.backend.precision_run; }},
      {"threads_run", [](const RunResult& r) { return std::to_string(r.manifest.backend.intra_threads); }},
      {"parameters", [](const RunResult& r) { return std::to_string(r.manifest.model.parameters); }},
      {"macs", [](const RunResult& r) { return std::to_string(r.manifest.model.macs); }},
      {"preprocess", [](const RunResult& r) { return r.manifest.model.preprocess; }},
      {"pictures", [](const RunResult& r) { return r.manifest.input_description; }},
      {"cpu", [](const RunResult& r) { return r.manifest.machine.cpu_model; }},
      {"hardware_threads", [](const RunResult& r) { return Number(r.manifest.machine.hardware_threads); }},
      {"allowed_cores",
       [](const RunResult& r) {
         return fmt::format("{}", fmt::join(r.manifest.machine.allowed_cores, ","));
       }},
      {"governor", [](const RunResult& r) { return r.manifest.machine.governor.value_or(""); }},
      {"kernel", [](const RunResult& r) { return r.manifest.machine.kernel; }},
      {"distribution", [](const RunResult& r) { return r.manifest.machine.distribution; }},
      {"hypervisor", [](const RunResult& r) { return r.manifest.machine.hypervisor; }},
  };
  return facts;
}

std::string ValuesOf(const ComparedTrial& trial, const Fact& fact) {
  std::set<std::string> values;
  for (const ComparedLaunch& launch : trial.launches) values.insert(fact.value(launch.result));
  return Join(std::vector<std::string>(values.begin(), values.end()), " / ");
}

// None where a side has no launch to show it.
std::vector<Difference> FactDifferences(const TrialPair& pair, const std::vector<Fact>& facts) {
  std::vector<Difference> differences;
  if (pair.a->launches.empty() || pair.b->launches.empty()) return differences;
  for (const Fact& fact : facts) {
    const std::string a = ValuesOf(*pair.a, fact);
    const std::string b = ValuesOf(*pair.b, fact);
    if (a != b) differences.push_back({fact.name, a, b});
  }
  return differences;
}

// A virtual machine may hide instruction sets of the same processor. All of them would be a page.
void AddCpuFeatures(const TrialPair& pair, std::vector<Difference>& differences) {
  if (pair.a->launches.empty() || pair.b->launches.empty()) return;
  const auto features = [](const ComparedTrial& trial) {
    const auto& list = trial.launches.front().result.manifest.machine.cpu_features;
    return std::set<std::string>(list.begin(), list.end());
  };
  const auto a = features(*pair.a);
  const auto b = features(*pair.b);
  std::vector<std::string> only_a;
  std::vector<std::string> only_b;
  std::set_difference(a.begin(), a.end(), b.begin(), b.end(), std::back_inserter(only_a));
  std::set_difference(b.begin(), b.end(), a.begin(), a.end(), std::back_inserter(only_b));
  if (!only_a.empty() || !only_b.empty())
    differences.push_back({"cpu_features", Join(only_a, " "), Join(only_b, " ")});
}

}  // namespace

Matching MatchTrials(const ComparedSide& a, const ComparedSide& b) {
  const std::vector<std::string> varying = VaryingNames(a, b);
  const std::vector<std::string> shown =
      varying.empty() ? std::vector<std::string>{"model", "backend"} : varying;
  std::map<Factors, const ComparedTrial*> of_b;
  for (const ComparedTrial& trial : b.trials) of_b[Chosen(trial.configuration, varying)] = &trial;
  Matching matching;
  for (const ComparedTrial& trial : a.trials) {
    const auto partner = of_b.extract(Chosen(trial.configuration, varying));
    const Factors factors = Chosen(trial.configuration, shown);
    if (partner.empty()) {
      matching.only_a.push_back(factors);
    } else {
      matching.pairs.push_back({factors, &trial, partner.mapped()});
    }
  }
  for (const ComparedTrial& trial : b.trials) {
    if (of_b.contains(Chosen(trial.configuration, varying)))
      matching.only_b.push_back(Chosen(trial.configuration, shown));
  }
  return matching;
}

std::vector<Difference> ConfigurationDifferences(const TrialPair& pair) {
  std::vector<Difference> differences;
  for (const auto& [name, level] : pair.a->configuration) {
    const std::string other = LevelOrNone(pair.b->configuration, name);
    if (level != other) differences.push_back({name, level, other});
  }
  for (const auto& factor : pair.b->configuration) {
    const bool known = std::any_of(pair.a->configuration.begin(), pair.a->configuration.end(),
                                   [&](const auto& other) { return other.first == factor.first; });
    if (!known) differences.push_back({factor.first, "", factor.second});
  }
  return differences;
}

std::vector<Difference> LimitDifferences(const TrialPair& pair) {
  return FactDifferences(pair, Limits());
}

std::vector<Difference> DifferencesOf(const TrialPair& pair) {
  std::vector<Difference> differences = ConfigurationDifferences(pair);
  for (const std::vector<Fact>* facts : {&Limits(), &Facts()}) {
    for (Difference& difference : FactDifferences(pair, *facts)) differences.push_back(std::move(difference));
  }
  AddCpuFeatures(pair, differences);
  return differences;
}

}  // namespace sightline::analyze
