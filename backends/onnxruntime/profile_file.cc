#include "backends/onnxruntime/profile_file.h"

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string_view>
#include <tuple>
#include <utility>

namespace sightline::onnxruntime {
namespace {

using Json = nlohmann::json;

constexpr int64_t kNsPerUs = 1000;
constexpr std::string_view kKernel =
    "_kernel_time";  // the end of a layer's own event: what the operator took

std::string TextOf(const Json& event, const char* key) {
  const auto found = event.find(key);
  return found != event.end() && found->is_string() ? found->get<std::string>() : "";
}

// Times are numbers; one that is not is no time.
std::optional<int64_t> TimeOf(const Json& event, const char* key) {
  const auto found = event.find(key);
  if (found == event.end() || !found->is_number()) return std::nullopt;
  return found->get<int64_t>();
}

// When the last run began, by the trace's clock.
std::optional<int64_t> LastRunBegin(const Json& events) {
  std::optional<int64_t> last;
  for (const Json& event : events) {
    if (TextOf(event, "name") != "model_run") continue;
    const std::optional<int64_t> begin = TimeOf(event, "ts");
    if (begin && (!last || *begin > *last)) last = begin;
  }
  return last;
}

// What replaces a quantized operator and what surrounds it (QLinearConv, ...) is named after it, with a
// number that makes the name unique: conv0_token_1 is conv0.
std::string WithoutToken(const std::string& name) {
  const size_t token = name.rfind("_token_");
  return token == std::string::npos ? name : name.substr(0, token);
}

std::string LayerName(const std::string& event_name, const Json& arguments) {
  std::string name = event_name.substr(0, event_name.size() - kKernel.size());
  if (TextOf(arguments, "op_name").starts_with("QLinear")) name = WithoutToken(name);
  if (!name.empty()) return name;
  return TextOf(arguments, "op_name") + "_" + TextOf(arguments, "node_index");
}

// Adds a layer's event, whichever its place; anything else is left.
void Add(const Json& event, int64_t run_begin_us, int64_t run_begin_ns,
         std::map<std::string, kit::LayerTime>& layers) {
  const std::string name = TextOf(event, "name");
  const std::optional<int64_t> begin_us = TimeOf(event, "ts");
  const std::optional<int64_t> duration_us = TimeOf(event, "dur");
  const bool layer = TextOf(event, "cat") == "Node" && name.ends_with(kKernel);
  if (!layer || !begin_us || !duration_us || *begin_us < run_begin_us) return;
  const Json arguments = event.value("args", Json::object());
  const int64_t begin_ns = run_begin_ns + (*begin_us - run_begin_us) * kNsPerUs;
  kit::LayerTime& time = layers[LayerName(name, arguments)];
  if (time.call_count == 0 || begin_ns < time.begin_ns) time.begin_ns = begin_ns;
  time.type = TextOf(arguments, "op_name");
  time.duration_ns += *duration_us * kNsPerUs;
  ++time.call_count;
}

}  // namespace

kit::Result<std::vector<kit::LayerTime>> LastRunOf(const std::string& trace, int64_t run_begin_ns) {
  const Json events = Json::parse(trace, nullptr, false);
  if (!events.is_array()) return kit::Internal("ONNX Runtime's trace is no list of events");
  const std::optional<int64_t> begin_us = LastRunBegin(events);
  if (!begin_us) return kit::Internal("ONNX Runtime's trace holds no run");
  std::map<std::string, kit::LayerTime> layers;
  for (const Json& event : events) {
    if (event.is_object()) Add(event, *begin_us, run_begin_ns, layers);
  }
  std::vector<kit::LayerTime> times;
  for (auto& [name, time] : layers) {
    time.name = name;
    times.push_back(std::move(time));
  }
  std::sort(times.begin(), times.end(), [](const kit::LayerTime& a, const kit::LayerTime& b) {
    return std::tie(a.begin_ns, a.name) < std::tie(b.begin_ns, b.name);
  });
  return times;
}

}  // namespace sightline::onnxruntime
