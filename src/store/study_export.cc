#include "src/store/study_export.h"

#include <map>
#include <nlohmann/json.hpp>
#include <utility>
#include <vector>

#include "src/store/csv_cell.h"
#include "src/store/json_text.h"

namespace sightline::store {
namespace {

using Json = nlohmann::ordered_json;

constexpr const char* kFigures[] = {
    "frames",         "throughput_per_s",   "throughput_per_s_low", "throughput_per_s_high",
    "latency_ns_p50", "latency_ns_p50_low", "latency_ns_p50_high",  "latency_ns_p90",
    "latency_ns_p99", "latency_ns_mean"};

Json ObjectFrom(const std::string& text) {
  Json json = Json::parse(text, nullptr, false);
  return json.is_object() ? json : Json::object();
}

Json TrialJson(const TrialInfo& trial) {
  return {{"index", trial.index}, {"factors", FactorsJson(trial.factors)}, {"arguments", trial.arguments}};
}

Json ReplicateJson(const ReplicateInfo& r, int trial_index) {
  Json json = {{"trial", trial_index},
               {"launch", r.number},
               {"order", r.order},
               {"status", std::string(ReplicateStatusName(r.status))}};
  if (r.failure) json["failure"] = std::string(FailureReasonName(*r.failure));
  if (!r.reason.empty()) json["reason"] = r.reason;
  if (r.exit_code) json["exit_code"] = *r.exit_code;
  if (r.signal) json["signal"] = *r.signal;
  if (!r.started_at.empty()) json["started_at"] = r.started_at;
  if (!r.ended_at.empty()) {
    json["ended_at"] = r.ended_at;
    json["wall_ns"] = r.wall_ns;
  }
  if (!r.command_line.empty()) json["command_line"] = r.command_line;
  if (!r.stderr_tail.empty()) json["stderr_tail"] = r.stderr_tail;
  if (!r.result_json.empty()) json["result"] = ObjectFrom(r.result_json);
  return json;
}

std::string Line(const std::vector<std::string>& cells) {
  std::string line;
  for (const std::string& cell : cells) line += (&cell == cells.data() ? "" : ",") + CsvCell(cell);
  return line + "\n";
}

std::string Header(const StudyContents& contents) {
  std::vector<std::string> cells = {"trial"};
  if (!contents.trials.empty()) {
    for (const auto& [name, level] : contents.trials.front().factors) cells.push_back(name);
  }
  for (const char* name : {"launch", "order", "status", "failure", "reason", "wall_ns"})
    cells.emplace_back(name);
  for (const char* name : kFigures) cells.emplace_back(name);
  return Line(cells);
}

std::string ReplicateLine(const ReplicateInfo& r, const TrialInfo& trial) {
  std::vector<std::string> cells = {std::to_string(trial.index)};
  for (const auto& [name, level] : trial.factors) cells.push_back(level);
  cells.push_back(std::to_string(r.number));
  cells.push_back(std::to_string(r.order));
  cells.emplace_back(ReplicateStatusName(r.status));
  cells.emplace_back(r.failure ? FailureReasonName(*r.failure) : "");
  cells.push_back(r.reason);
  cells.push_back(r.ended_at.empty() ? "" : std::to_string(r.wall_ns));
  const Json result = ObjectFrom(r.result_json);
  for (const char* name : kFigures) {
    const auto found = result.find(name);
    cells.push_back(found != result.end() && found->is_number() ? found->dump() : "");
  }
  return Line(cells);
}

}  // namespace

std::string StudyToJson(const StudyContents& contents) {
  const StudyInfo& study = contents.study;
  Json json = {{"schema", "sightline.study"},    {"schema_version", 1},    {"uuid", study.uuid},
               {"origin", study.origin},         {"name", study.name},     {"seed", study.seed},
               {"created_at", study.created_at}, {"plan", study.plan_text}};
  json["trials"] = Json::array();
  json["replicates"] = Json::array();
  std::map<int64_t, int> indices;
  for (const TrialInfo& trial : contents.trials) {
    indices[trial.id] = trial.index;
    json["trials"].push_back(TrialJson(trial));
  }
  for (const ReplicateInfo& replicate : contents.replicates) {
    json["replicates"].push_back(ReplicateJson(replicate, indices.at(replicate.trial_id)));
  }
  return JsonText(json);
}

std::string StudyToCsv(const StudyContents& contents) {
  std::map<int64_t, const TrialInfo*> trials;
  for (const TrialInfo& trial : contents.trials) trials[trial.id] = &trial;
  std::string text = Header(contents);
  for (const ReplicateInfo& replicate : contents.replicates) {
    text += ReplicateLine(replicate, *trials.at(replicate.trial_id));
  }
  return text;
}

std::optional<double> FigureOfResult(const std::string& result_json, const std::string& name) {
  const Json json = ObjectFrom(result_json);
  const auto found = json.find(name);
  if (found == json.end() || !found->is_number()) return std::nullopt;
  return found->get<double>();
}

}  // namespace sightline::store
