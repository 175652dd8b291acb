#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <tuple>
#include <utility>

#include "src/analyze/profile_json.h"
#include "src/store/json_text.h"

namespace sightline::analyze {
namespace {

using Json = nlohmann::ordered_json;

constexpr int kProcess = 1;
constexpr int kInferenceThread = 0;
constexpr int kFirstLayerThread = 1;

// A layer of the run, from its begin to its end since the run began.
struct Event {
  const LayerSeries* layer;
  double begin_ns = 0;
  double duration_ns = 0;
  int thread = kFirstLayerThread;
};

void LayEndToEnd(std::vector<Event>& events) {
  double at_ns = 0;
  for (Event& event : events) {
    event.begin_ns = at_ns;
    at_ns += event.duration_ns;
  }
}

// Each on the first thread that is free when it begins.
void LaySideBySide(std::vector<Event>& events) {
  std::sort(events.begin(), events.end(), [](const Event& a, const Event& b) {
    return std::tie(a.begin_ns, a.layer->name) < std::tie(b.begin_ns, b.layer->name);
  });
  std::vector<double> free_at_ns;
  for (Event& event : events) {
    size_t lane = 0;
    while (lane < free_at_ns.size() && free_at_ns[lane] > event.begin_ns) ++lane;
    if (lane == free_at_ns.size()) free_at_ns.push_back(0);
    free_at_ns[lane] = event.begin_ns + event.duration_ns;
    event.thread = kFirstLayerThread + static_cast<int>(lane);
  }
}

std::vector<Event> EventsOf(const ProfileSamples& samples, size_t run) {
  std::vector<Event> events;
  int64_t first_ns = 0;
  bool all_begins = true;
  for (const LayerSeries& layer : samples.layers) {
    if (layer.durations_ns[run] <= 0) continue;
    events.push_back({.layer = &layer, .duration_ns = layer.durations_ns[run]});
    const int64_t begin_ns = layer.begins_ns[run];
    all_begins = all_begins && begin_ns > 0;
    first_ns = events.size() == 1 ? begin_ns : std::min(first_ns, begin_ns);
  }
  if (!all_begins) {
    LayEndToEnd(events);
    return events;
  }
  for (Event& event : events) event.begin_ns = static_cast<double>(event.layer->begins_ns[run] - first_ns);
  LaySideBySide(events);
  return events;
}

Json Complete(const std::string& name, const std::string& category, int thread, double begin_ns,
              double duration_ns) {
  return {{"name", name},         {"cat", category},          {"ph", "X"},
          {"ts", begin_ns / 1e3}, {"dur", duration_ns / 1e3}, {"pid", kProcess},
          {"tid", thread}};
}

Json NameOf(const char* what, int thread, const std::string& name) {
  return {{"name", what}, {"ph", "M"}, {"pid", kProcess}, {"tid", thread}, {"args", {{"name", name}}}};
}

Json ArgumentsOf(const LayerSeries& layer, const ProfileRow& row) {
  Json arguments = {{"type", layer.type}};
  if (row.nodes.empty()) return arguments;
  arguments["node"] = row.name;
  arguments["operators"] = row.operators;
  arguments["macs"] = row.work.macs;
  arguments["bytes"] = row.work.bytes();
  // The work is that of all of them together.
  if (row.layers.size() > 1) arguments["layers_of_node"] = row.layers.size();
  if (row.roofline.verdict != Verdict::kUnknown) {
    arguments["verdict"] = std::string(VerdictName(row.roofline.verdict));
  }
  return arguments;
}

using LayerKey = std::pair<std::string, std::string>;  // name, type

std::map<LayerKey, const ProfileRow*> RowsByLayer(const Profile& profile) {
  std::map<LayerKey, const ProfileRow*> rows;
  for (const ProfileRow& row : profile.rows) {
    for (size_t i = 0; i < row.layers.size(); ++i) rows[{row.layers[i], row.layer_types[i]}] = &row;
  }
  return rows;
}

}  // namespace

std::string ProfileToTrace(const ProfileReport& report, const ProfileSamples& samples) {
  const BackendFacts& backend = report.manifest.backend;
  const auto rows = RowsByLayer(report.profile);
  const std::vector<Event> events = EventsOf(samples, TypicalRun(samples));
  Json trace = {{"displayTimeUnit", "ms"}, {"traceEvents", Json::array()}};
  Json& list = trace["traceEvents"];
  list.push_back(
      NameOf("process_name", kInferenceThread,
             report.manifest.model.name + " in " + backend.framework + " " + backend.framework_version));
  list.push_back(NameOf("thread_name", kInferenceThread, "inference without the profiler, median"));
  int threads = kFirstLayerThread;
  for (const Event& event : events) threads = std::max(threads, event.thread + 1);
  for (int thread = kFirstLayerThread; thread < threads; ++thread) {
    list.push_back(NameOf("thread_name", thread, "layers"));
  }
  list.push_back(Complete("inference", "inference", kInferenceThread, 0, report.profile.inference_ns.value));
  for (const Event& event : events) {
    Json json =
        Complete(event.layer->name, event.layer->type, event.thread, event.begin_ns, event.duration_ns);
    json["args"] = ArgumentsOf(*event.layer, *rows.at({event.layer->name, event.layer->type}));
    list.push_back(json);
  }
  return store::JsonText(trace);
}

}  // namespace sightline::analyze
