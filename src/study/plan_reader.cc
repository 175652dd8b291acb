#include "src/study/plan_reader.h"

#include <fmt/format.h>

#include <algorithm>

#include "src/base/duration.h"
#include "src/base/text.h"
#include "src/study/design.h"
#include "src/study/flags.h"
#include "src/study/values.h"

namespace sightline::study {
namespace {

using document::Document;
using document::Json;
using document::Path;

constexpr Nanoseconds kDefaultDuration = std::chrono::seconds(10);  // of `sightline run`

double Seconds(Nanoseconds duration) {
  return std::chrono::duration<double>(duration).count();
}

class Reader {
 public:
  explicit Reader(const Document& document) : document_(document) {}

  Result<Plan> Read() {
    plan_.name = document_.TextOf({"name"});
    plan_.description = document_.TextOf({"description"});
    if (document_.TextOf({"order"}) == "as_written") plan_.order = RunOrder::kAsWritten;
    if (const Json* seed = document_.Find({"seed"})) plan_.seed = seed->get<uint64_t>();
    SIGHTLINE_RETURN_IF_ERROR(ReadSettings());
    SIGHTLINE_RETURN_IF_ERROR(ReadFactors());
    SIGHTLINE_RETURN_IF_ERROR(ReadExclusions());
    SIGHTLINE_RETURN_IF_ERROR(ReadDesign());
    SIGHTLINE_RETURN_IF_ERROR(ReadStop());
    SIGHTLINE_RETURN_IF_ERROR(ReadReplicates());
    SIGHTLINE_RETURN_IF_ERROR(ReadLimits());
    SIGHTLINE_RETURN_IF_ERROR(CheckSize());
    return std::move(plan_);
  }

 private:
  // A whole number by its value, so that 4 and 04 are one level; everything else as written.
  std::string Level(const Path& path) const {
    const Json* value = document_.Find(path);
    return value->is_number_integer() ? value->dump() : document_.TextOf(path);
  }

  Result<Nanoseconds> Duration(const Path& path) const {
    auto duration = ParseDuration(document_.TextOf(path), "");
    if (duration.ok()) return duration;
    return document_.At(path,
                        fmt::format("'{}' is not a duration of at most a year; write for example 250ms, "
                                    "20s, 5min or 2h",
                                    document_.TextOf(path)));
  }

  // A percentage if there is one at `path`, else `otherwise`.
  Result<double> Percentage(const Path& path, double otherwise) const {
    if (document_.Find(path) == nullptr) return otherwise;
    if (const auto share = ParsePercentage(document_.TextOf(path))) return *share;
    return document_.At(path, fmt::format("'{}' is not above 0 % and below 100 %; write for example 2%",
                                          document_.TextOf(path)));
  }

  Status ReadSettings() {
    const Json* settings = document_.Find({"settings"});
    if (settings == nullptr) return OkStatus();
    for (const auto& [name, value] : settings->items()) {
      const Path path = {"settings", name};
      if (name == "duration" || name == "warm_up") SIGHTLINE_RETURN_IF_ERROR(Duration(path).status());
      plan_.settings.emplace_back(name, Level(path));
    }
    return OkStatus();
  }

  bool IsSetting(std::string_view name) const {
    return std::any_of(plan_.settings.begin(), plan_.settings.end(),
                       [&](const auto& setting) { return setting.first == name; });
  }

  const Factor* FindFactor(std::string_view name) const {
    const auto found = std::find_if(plan_.factors.begin(), plan_.factors.end(),
                                    [&](const Factor& factor) { return factor.name == name; });
    return found == plan_.factors.end() ? nullptr : &*found;
  }

  Status ReadFactors() {
    for (const auto& [name, levels] : document_.Find({"factors"})->items()) {
      const Path path = {"factors", name};
      if (IsSetting(name)) {
        return document_.AtKey(path, "is among the settings too; keep it in one of the two");
      }
      SIGHTLINE_ASSIGN_OR_RETURN(Factor factor, ReadLevels(path, name, levels.size()));
      plan_.factors.push_back(std::move(factor));
    }
    for (const char* needed : {"model", "backend"}) {
      if (FindFactor(needed) != nullptr || IsSetting(needed)) continue;
      return document_.AtKey({"factors"}, fmt::format("no {0} is named; add {0}: [...] here, or {0}: ... to "
                                                      "the settings",
                                                      needed));
    }
    return OkStatus();
  }

  Result<Factor> ReadLevels(const Path& path, const std::string& name, size_t count) const {
    Factor factor{name, {}};
    for (size_t i = 0; i < count; ++i) {
      Path item = path;
      item.push_back(std::to_string(i));
      const std::string level = Level(item);
      const auto before = std::find(factor.levels.begin(), factor.levels.end(), level);
      if (before != factor.levels.end()) {
        return document_.At(item, fmt::format("'{}' is level [{}] already; keep one of the two", level,
                                              before - factor.levels.begin()));
      }
      factor.levels.push_back(level);
    }
    return factor;
  }

  Status CheckLevel(const Path& path, const Factor& factor, const std::string& level) const {
    if (std::find(factor.levels.begin(), factor.levels.end(), level) != factor.levels.end())
      return OkStatus();
    return document_.At(path, fmt::format("'{}' is not a level of factor {}; its levels are {}", level,
                                          factor.name, Join(factor.levels)));
  }

  Result<const Factor*> KnownFactor(const Path& path, const std::string& name) const {
    if (const Factor* factor = FindFactor(name)) return factor;
    std::vector<std::string> names;
    for (const Factor& factor : plan_.factors) names.push_back(factor.name);
    return document_.AtKey(path,
                           fmt::format("is not a factor of this plan; its factors are {}", Join(names)));
  }

  Status ReadExclusions() {
    const Json* list = document_.Find({"exclude"});
    for (size_t i = 0; list != nullptr && i < list->size(); ++i) {
      Exclusion exclusion;
      for (const auto& [name, levels] : (*list)[i].items()) {
        const Path path = {"exclude", std::to_string(i), name};
        SIGHTLINE_ASSIGN_OR_RETURN(const Factor* factor, KnownFactor(path, name));
        Factor excluded{name, {Level(path)}};
        if (levels.is_array()) {
          SIGHTLINE_ASSIGN_OR_RETURN(excluded, ReadLevels(path, name, levels.size()));
        }
        for (size_t k = 0; k < excluded.levels.size(); ++k) {
          Path item = path;
          if (levels.is_array()) item.push_back(std::to_string(k));
          SIGHTLINE_RETURN_IF_ERROR(CheckLevel(item, *factor, excluded.levels[k]));
        }
        exclusion.push_back(std::move(excluded));
      }
      plan_.exclude.push_back(std::move(exclusion));
    }
    return OkStatus();
  }

  Status ReadDesign() {
    if (const Json* count = document_.Find({"design", "random"})) {
      plan_.design = {DesignKind::kRandom, count->get<int>(), {}};
    }
    const Json* base = document_.Find({"design", "one_at_a_time"});
    if (base == nullptr) return OkStatus();
    plan_.design.kind = DesignKind::kOneAtATime;
    for (const Factor& factor : plan_.factors) plan_.design.base[factor.name] = factor.levels.front();
    for (const auto& [name, level] : base->items()) {
      const Path path = {"design", "one_at_a_time", name};
      SIGHTLINE_ASSIGN_OR_RETURN(const Factor* factor, KnownFactor(path, name));
      SIGHTLINE_RETURN_IF_ERROR(CheckLevel(path, *factor, Level(path)));
      plan_.design.base[name] = Level(path);
    }
    return OkStatus();
  }

  // The setting `name` as a duration, else `otherwise`.
  Nanoseconds Setting(std::string_view name, Nanoseconds otherwise) const {
    for (const auto& [key, value] : plan_.settings) {
      if (key == name) return ParseDuration(value, name).value();
    }
    return otherwise;
  }

  Status ReadStop() {
    if (document_.Find({"stop"}) == nullptr) return OkStatus();
    StopRule stop;
    if (document_.Find({"stop", "quantity"}) != nullptr)
      stop.quantity = document_.TextOf({"stop", "quantity"});
    SIGHTLINE_ASSIGN_OR_RETURN(stop.half_width, Percentage({"stop", "half_width"}, stop.half_width));
    if (document_.Find({"stop", "min_duration"}) != nullptr) {
      SIGHTLINE_ASSIGN_OR_RETURN(stop.min_duration, Duration({"stop", "min_duration"}));
      const Nanoseconds duration = Setting("duration", kDefaultDuration);
      if (!IsSetting("iterations") && *stop.min_duration > duration) {
        return document_.At({"stop", "min_duration"},
                            fmt::format("is longer than a launch measures at most ({} s); lower it, or raise "
                                        "settings.duration",
                                        Seconds(duration)));
      }
    }
    plan_.stop = stop;
    return OkStatus();
  }

  Status ReadReplicates() {
    const Json* replicates = document_.Find({"replicates"});
    if (replicates == nullptr) return OkStatus();
    Replicates& r = plan_.replicates;
    if (replicates->is_number_integer()) {
      r.min = r.max = replicates->get<int>();
      return OkStatus();
    }
    r.min = (*replicates)["min"].get<int>();
    r.max = (*replicates)["max"].get<int>();
    if (r.min > r.max) {
      return document_.At(
          {"replicates", "min"},
          fmt::format("{} is more than max, which is {}; lower min or raise max", r.min, r.max));
    }
    if (plan_.stop) {
      r.quantity = plan_.stop->quantity;
      r.half_width = plan_.stop->half_width;
    }
    if (replicates->contains("quantity")) r.quantity = document_.TextOf({"replicates", "quantity"});
    SIGHTLINE_ASSIGN_OR_RETURN(r.half_width, Percentage({"replicates", "half_width"}, r.half_width));
    return OkStatus();
  }

  Status ReadLimits() {
    if (document_.Find({"limits", "replicate_timeout"}) != nullptr) {
      SIGHTLINE_ASSIGN_OR_RETURN(plan_.limits.replicate_timeout, Duration({"limits", "replicate_timeout"}));
    }
    const Nanoseconds needed =
        Setting("warm_up", Nanoseconds(0)) +
        Setting("duration", IsSetting("iterations") ? Nanoseconds(0) : kDefaultDuration);
    if (plan_.limits.replicate_timeout <= needed) {
      return document_.At(
          {"limits", "replicate_timeout"},
          fmt::format("{} s end a launch before its warm-up and duration ({} s) are over; raise it",
                      Seconds(plan_.limits.replicate_timeout), Seconds(needed)));
    }
    if (document_.Find({"limits", "total"}) != nullptr) {
      SIGHTLINE_ASSIGN_OR_RETURN(plan_.limits.total, Duration({"limits", "total"}));
      if (*plan_.limits.total == Nanoseconds(0)) {
        return document_.At({"limits", "total"}, "is 0, so nothing would run; write for example 2h");
      }
    }
    if (document_.Find({"limits", "memory"}) == nullptr) return OkStatus();
    plan_.limits.memory_bytes = ParseByteSize(document_.TextOf({"limits", "memory"}));
    constexpr int64_t kLeast = int64_t{16} << 20;
    if (plan_.limits.memory_bytes.value_or(0) >= kLeast) return OkStatus();
    return document_.At(
        {"limits", "memory"},
        fmt::format("'{}' is less than a process needs (16MiB) or more than 2^60 bytes; write for "
                    "example 8GiB",
                    document_.TextOf({"limits", "memory"})));
  }

  Status CheckSize() const {
    const auto trials = ExpandTrials(plan_);
    if (trials.ok()) return OkStatus();
    const bool design = document_.Find({"design"}) != nullptr && plan_.design.kind != DesignKind::kFull;
    return document_.AtKey({design ? "design" : "factors"}, trials.error().message());
  }

  const Document& document_;
  Plan plan_;
};

}  // namespace

Result<Plan> ReadPlan(const Document& document) {
  return Reader(document).Read();
}

}  // namespace sightline::study
