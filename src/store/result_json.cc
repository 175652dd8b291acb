#include "src/store/result_json.h"

#include <algorithm>

#include "src/store/files.h"
#include "src/store/json_fields.h"
#include "src/store/json_text.h"
#include "src/store/machine_json.h"

namespace sightline::store {
namespace {

constexpr const char* kSchemaName = "sightline.result";

// Enumerations travel as the words of the command line.
template <typename Archive, typename T, typename ToName, typename FromName>
void NameField(Archive& a, const std::string& field, T& value, ToName to_name, FromName from_name) {
  std::string name(to_name(value));
  a(field, name);
  if constexpr (Archive::kReading) {
    if (!a.Has(field)) return;
    const std::optional<T> found = from_name(name);
    if (!found) a.Refuse(field, "'" + name + "' is no word this version knows");
    value = *found;
  }
}

// Figures that are left out when they are 0.
template <typename Archive, typename T>
void UnlessZero(Archive& a, const std::string& field, T& value) {
  if (Archive::kReading || value != 0) a(field, value);
}

std::optional<DataType> DataTypeFromName(const std::string& name) {
  for (int i = SL_F32; i <= SL_BOOL; ++i) {
    if (DataTypeName(static_cast<DataType>(i)) == name) return static_cast<DataType>(i);
  }
  return std::nullopt;
}

std::optional<Severity> SeverityFromName(const std::string& name) {
  for (const Severity s : {Severity::kInfo, Severity::kWarning, Severity::kError}) {
    if (SeverityName(s) == name) return s;
  }
  return std::nullopt;
}

}  // namespace

template <typename Archive>
void Fields(Archive& a, TrialSpec& t) {
  a("model", t.model);
  a("backend", t.backend);
  a("device", t.device);
  NameField(a, "precision", t.precision, DataTypeName, DataTypeFromName);
  a("batch", t.batch);
  a("instances", t.instances);
  a("threads", t.threads);
  a("inter_threads", t.inter_threads);
  a("pin", t.pin);
  a("backend_options", t.backend_options);
  a("input", t.input);
  a("jpeg_scaling", t.jpeg_scaling);
  if (Archive::kReading || !t.labels.empty()) a("labels", t.labels);
  if (Archive::kReading || !t.calibration.empty()) a("calibration", t.calibration);
  if (Archive::kReading || t.precision == SL_I8 || !t.calibration.empty())
    a("calibration_pictures", t.calibration_pictures);
  NameField(a, "scenario", t.scenario, ScenarioName, ScenarioFromName);
  a("frames_per_query", t.frames_per_query);
  a("weight_seed", t.weight_seed);
  a("score_threshold", t.score_threshold);
  a("iou_threshold", t.iou_threshold);
  a("max_detections", t.max_detections);
  a("proposals", t.proposals);
}

template <typename Archive>
void NanosecondsField(Archive& a, const std::string& field, Nanoseconds& value) {
  int64_t ns = value.count();
  a(field, ns);
  value = Nanoseconds(ns);
}

template <typename Archive>
void Fields(Archive& a, StopGoal& g) {
  NameField(a, "quantity", g.quantity, QuantityName, QuantityFromName);
  a("half_width", g.half_width);
  NanosecondsField(a, "min_duration_ns", g.min_duration);
}

template <typename Archive>
void Fields(Archive& a, RunLimits& l) {
  NanosecondsField(a, "warm_up_ns", l.warm_up);
  a("warm_up_batches", l.warm_up_batches);
  std::optional<int64_t> duration_ns;
  if (l.duration) duration_ns = l.duration->count();
  a("duration_ns", duration_ns);
  if (duration_ns) l.duration = Nanoseconds(*duration_ns);
  a("iterations", l.iterations);
  a("stop", l.stop_when);
}

template <typename Archive>
void Fields(Archive& a, BackendFacts& b) {
  a("name", b.name);
  a("framework", b.framework);
  a("framework_version", b.framework_version);
  a("framework_build", b.framework_build);
  a("device", b.device);
  a("input_layout", b.input_layout);
  UnlessZero(a, "converts_layout", b.converts_layout);
  a("input_shape", b.input_shape);
  a("precision_run", b.precision_run);
  a("precision_note", b.precision_note);
  UnlessZero(a, "intra_threads", b.intra_threads);
  UnlessZero(a, "inter_threads", b.inter_threads);
}

template <typename Archive>
void Fields(Archive& a, ModelFacts& m) {
  a("name", m.name);
  a("task", m.task);
  a("input", m.input);
  UnlessZero(a, "parameters", m.parameters);
  UnlessZero(a, "macs", m.macs);
  a("preprocess", m.preprocess);
  if (Archive::kReading || !m.postprocess.empty()) a("postprocess", m.postprocess);
}

template <typename Archive>
void Fields(Archive& a, CacheSizes& c) {
  a("l1d_bytes", c.l1d_bytes);
  a("l2_bytes", c.l2_bytes);
  a("l3_bytes", c.l3_bytes);
}

template <typename Archive>
void Fields(Archive& a, CoreFrequency& f) {
  a("min_mhz", f.min_mhz);
  a("max_mhz", f.max_mhz);
  a("now_mhz", f.now_mhz);
}

template <typename Archive>
void Fields(Archive& a, MachineFacts& m) {
  a("cpu_model", m.cpu_model);
  a("cpu_vendor", m.cpu_vendor);
  a("architecture", m.architecture);
  a("cpu_features", m.cpu_features);
  a("sockets", m.sockets);
  a("cores", m.cores);
  a("hardware_threads", m.hardware_threads);
  a("allowed_cores", m.allowed_cores);
  a("cgroup_cpu_limit", m.cgroup_cpu_limit);
  a("caches", m.caches);
  a("frequency", m.frequency);
  a("governor", m.governor);
  a("boost", m.boost);
  a("memory_total_bytes", m.memory_total_bytes);
  a("memory_available_bytes", m.memory_available_bytes);
  a("cgroup_memory_limit_bytes", m.cgroup_memory_limit_bytes);
  a("swap_total_bytes", m.swap_total_bytes);
  a("load_average_1min", m.load_average_1min);
  a("kernel", m.kernel);
  a("distribution", m.distribution);
  a("hypervisor", m.hypervisor);
  a("clocksource", m.clocksource);
  a("aslr", m.aslr);
  a("temperature_sensors", m.temperature_sensors);
  a("energy_sensors", m.energy_sensors);
}

template <typename Archive>
void Fields(Archive& a, Disturbance& d) {
  a("wall_ns", d.wall_ns);
  a("cpu_time_ns", d.cpu_time_ns);
  a("steal_fraction", d.steal_fraction);
  a("other_cpu_fraction", d.other_cpu_fraction);
  a("voluntary_context_switches", d.voluntary_context_switches);
  a("involuntary_context_switches", d.involuntary_context_switches);
  a("major_page_faults", d.major_page_faults);
  a("swap_in_pages", d.swap_in_pages);
  a("swap_out_pages", d.swap_out_pages);
  a("throttle_count", d.throttle_count);
  a("cgroup_throttle_count", d.cgroup_throttle_count);
  a("cgroup_throttled_ns", d.cgroup_throttled_ns);
  a("temperature_begin_c", d.temperature_begin_c);
  a("temperature_end_c", d.temperature_end_c);
  a("energy_j", d.energy_j);
  a("frequency_begin_mhz", d.frequency_begin_mhz);
  a("frequency_end_mhz", d.frequency_end_mhz);
  a("peak_memory_bytes", d.peak_memory_bytes);
  a("peak_memory_before_bytes", d.peak_memory_before_bytes);
}

template <typename Archive>
void Fields(Archive& a, RunManifest& m) {
  a("sightline_version", m.sightline_version);
  a("build", m.build);
  a("command_line", m.command_line);
  a("started_at", m.started_at);
  a("trial", m.trial);
  a("limits", m.limits);
  a("backend", m.backend);
  a("model", m.model);
  a("input_description", m.input_description);
  a("input_pictures", m.input_pictures);
  a("machine", m.machine);
  a("clock_resolution_ns", m.clock_resolution_ns);
  a("clock_read_cost_ns", m.clock_read_cost_ns);
}

template <typename Archive>
void Fields(Archive& a, ColdStart& c) {
  a("backend_load_ns", c.backend_load_ns);
  a("network_build_ns", c.network_build_ns);
  a("engine_create_ns", c.engine_create_ns);
  a("engine_load_ns", c.engine_load_ns);
  UnlessZero(a, "engine_compile_ns", c.engine_compile_ns);
  a("instance_create_ns", c.instance_create_ns);
  a("first_inference_ns", c.first_inference_ns);
}

// "latency_ns_p50" with `ending`, for each percentile there is.
template <typename Archive, typename T>
void PercentileFields(Archive& a, const std::string& ending, std::map<int, T>& by_per_mille) {
  for (const int per_mille : kPercentilesPerMille) {
    const std::string name = "latency_ns_" + PercentileName(per_mille) + ending;
    if constexpr (Archive::kReading) {
      if (a.Has(name)) a(name, by_per_mille[per_mille]);
    } else if (const auto found = by_per_mille.find(per_mille); found != by_per_mille.end()) {
      a(name, found->second);
    }
  }
}

// "latency_ns_p50", ...: the figures lie flat in whoever has the summary.
template <typename Archive>
void Fields(Archive& a, DurationSummary& d) {
  a("count", d.count);
  if (!Archive::kReading && d.count == 0) return;
  a("effective_count", d.effective_count);
  a("latency_ns_min", d.min_ns);
  a("latency_ns_max", d.max_ns);
  a("latency_ns_stddev", d.stddev_ns);
  a("latency_ns_mean", d.mean_ns);
  PercentileFields(a, "", d.percentiles_ns);
  PercentileFields(a, "_early_stopping", d.early_stopping_ns);
}

template <typename Archive>
void Fields(Archive& a, CountSummary& c) {
  a("count", c.count);
  a("mean", c.mean);
  a("min", c.min);
  a("max", c.max);
}

template <typename Archive>
void Fields(Archive& a, Finding& f) {
  a("name", f.name);
  NameField(a, "severity", f.severity, SeverityName, SeverityFromName);
  a("sentence", f.sentence);
  if (Archive::kReading || !f.doc.empty()) a("doc", f.doc);
}

template <typename Archive>
void Fields(Archive& a, SteadyState::Level& l) {
  a("begin_ns", l.begin_ns);
  a("infer_ns_mean", l.infer_ns_mean);
}

template <typename Archive>
void Fields(Archive& a, SteadyState& s) {
  a("verdict", s.verdict);
  a("begin_ns", s.begin_ns);
  a("frames_left_out", s.frames_left_out);
  a("levels", s.levels);
  a("drift", s.drift);
}

template <typename Archive>
void Fields(Archive& a, OutputFacts& o) {
  a("pictures", o.pictures);
  a("values", o.values);
  a("not_finite", o.not_finite);
  a("subnormal", o.subnormal);
  a("constant", o.constant);
}

// Stages are an object keyed by their names, in pipeline order.
struct StageFields {
  std::vector<StageSummary>& stages;
};

void Fields(JsonWriter& a, StageFields& f) {
  for (StageSummary& stage : f.stages) a(StageKeyName(stage.key), stage.latency);
}

void Fields(JsonReader& a, StageFields& f) {
  for (const auto& [name, value] : a.json().items()) {
    const std::optional<StageKey> key = StageKeyFromName(name);
    if (!key) continue;  // a stage of a later version
    JsonReader inner = a.Inner(value, name);
    Fields(inner, f.stages.emplace_back(StageSummary{.key = *key}).latency);
  }
  // Files of before had a second occurrence next to the first.
  std::sort(f.stages.begin(), f.stages.end(),
            [](const StageSummary& x, const StageSummary& y) { return x.key < y.key; });
}

template <typename Archive>
void Fields(Archive& a, RunSummary& s) {
  a("frames", s.frames);
  a("batches", s.batches);
  a("outcomes", s.outcomes);
  UnlessZero(a, "dropped_spans", s.dropped_spans);
  a("measured_s", s.measured_s);
  if (Archive::kReading || s.throughput_per_s.value > 0) a("throughput_per_s", s.throughput_per_s);
  if (Archive::kReading || s.infer_throughput_per_s.value > 0)
    a("infer_throughput_per_s", s.infer_throughput_per_s);
  Fields(a, s.latency);
  StageFields stages{s.stages};
  a("stages", stages);
  a("from_scheduled", s.latency_from_scheduled);
  a("query", s.query_latency);
  a("candidates_before_nms", s.candidates_before_nms);
  a("candidates_after_nms", s.candidates_after_nms);
  UnlessZero(a, "unusable_outputs", s.unusable_outputs);
  a("steady_state", s.steady_state);
}

template <typename Archive>
void Fields(Archive& a, DetectedObject& d) {
  a("class", d.class_index);
  if (Archive::kReading || !d.label.empty()) a("label", d.label);
  a("score", d.score);
  a("left", d.box.left);
  a("top", d.box.top);
  a("right", d.box.right);
  a("bottom", d.box.bottom);
}

// A picture in which nothing was found has no best class.
template <typename Archive>
void Fields(Archive& a, PictureResult& p) {
  a("picture", p.picture);
  if (Archive::kReading || p.top_class >= 0) a("class", p.top_class);
  if (Archive::kReading || !p.label.empty()) a("label", p.label);
  if (Archive::kReading || p.top_class >= 0) a("score", p.score);
  a("detections", p.detections);
}

template <typename Archive>
void Fields(Archive& a, RunResult& r) {
  a("manifest", r.manifest);
  a("partial", r.partial);
  if (r.partial || Archive::kReading) a("partial_reason", r.partial_reason);
  a("cold_start", r.cold_start);
  Fields(a, r.summary);
  a("goal_reached", r.goal_reached);
  a("disturbance", r.disturbance);
  a("findings", r.findings);
  if (Archive::kReading || !r.pictures.empty()) a("pictures", r.pictures);
  a("outputs", r.outputs);
  UnlessZero(a, "record_waits", r.record_waits);
}

std::string ResultToJson(const RunResult& result) {
  Json json;
  json["schema"] = kSchemaName;
  json["schema_version"] = kResultSchemaVersion;
  JsonWriter writer(json);
  RunResult copy = result;  // Fields serves reading too and so takes what it may fill
  Fields(writer, copy);
  return JsonText(json);
}

Json MachineToJson(const MachineFacts& facts) {
  Json json = Json::object();
  JsonWriter writer(json);
  MachineFacts copy = facts;
  Fields(writer, copy);
  return json;
}

Result<RunResult> ResultFromJson(const std::string& text, const std::string& name) {
  try {
    const Json json = Json::parse(text);
    if (!json.is_object() || !json.contains("schema") || json["schema"] != kSchemaName) {
      return Error(ErrorKind::kInvalidArgument, name + " is not a result of `sightline run --json`");
    }
    int version = 0;
    JsonReader reader(json);
    reader("schema_version", version);
    if (version > kResultSchemaVersion) {
      return Error(ErrorKind::kUnsupported, name + " was written by a later version (schema " +
                                                std::to_string(version) + "; this program reads up to " +
                                                std::to_string(kResultSchemaVersion) +
                                                "); read it with that version");
    }
    RunResult result;
    Fields(reader, result);
    return result;
  } catch (const FieldError& error) {
    return Error(ErrorKind::kInvalidArgument, name + ": " + error.what() +
                                                  "; the file was not written by `sightline run --json`, or "
                                                  "was changed since");
  } catch (const Json::exception& error) {
    return Error(ErrorKind::kInvalidArgument,
                 name + " is not a result of `sightline run --json`: " + WithoutTag(error.what()));
  }
}

Result<RunResult> ReadResult(const std::filesystem::path& path) {
  SIGHTLINE_ASSIGN_OR_RETURN(const std::string text, ReadFile(path));
  return ResultFromJson(text, path.string());
}

}  // namespace sightline::store
