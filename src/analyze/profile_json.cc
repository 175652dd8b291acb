#include "src/analyze/profile_json.h"

#include <nlohmann/json.hpp>

#include "src/store/json_text.h"
#include "src/store/machine_json.h"

namespace sightline::analyze {
namespace {

using Json = nlohmann::ordered_json;

Json ModelJson(const ModelFacts& model) {
  Json json = {{"name", model.name}};
  if (model.parameters > 0) json["parameters"] = model.parameters;
  if (model.macs > 0) json["macs"] = model.macs;
  return json;
}

Json BackendJson(const BackendFacts& backend) {
  Json json = {{"name", backend.name},
               {"framework", backend.framework},
               {"framework_version", backend.framework_version},
               {"device", backend.device},
               {"precision_run", backend.precision_run},
               {"input_layout", backend.input_layout},
               {"input_shape", backend.input_shape}};
  if (backend.intra_threads > 0) json["intra_threads"] = backend.intra_threads;
  return json;
}

Json RoofsJson(const Roofs& roofs) {
  Json json = {{"threads", roofs.threads}, {"vectors", roofs.vectors}};
  store::AddEstimate(json, "macs_per_s", roofs.macs_per_s);
  json["bandwidths"] = Json::array();
  for (const BandwidthRoof& roof : roofs.bandwidths) {
    Json bandwidth = {{"memory", roof.memory}, {"working_set_bytes", roof.working_set_bytes}};
    store::AddEstimate(bandwidth, "bytes_per_s", roof.bytes_per_s);
    json["bandwidths"].push_back(bandwidth);
  }
  return json;
}

void AddWork(const ProfileRow& row, Json& json) {
  json["macs"] = row.work.macs;
  json["weight_bytes"] = row.work.weight_bytes;
  json["activation_bytes"] = row.work.activation_bytes;
  const auto macs = static_cast<double>(row.work.macs);
  const auto bytes = static_cast<double>(row.work.bytes());
  if (bytes > 0) json["macs_per_byte"] = macs / bytes;
  if (row.duration_ns.value <= 0) return;
  const double seconds = row.duration_ns.value / 1e9;
  json["macs_per_s"] = macs / seconds;
  json["bytes_per_s"] = bytes / seconds;
}

Json RowJson(const ProfileRow& row) {
  Json json = {{"name", row.name}, {"type", row.type}};
  if (!row.nodes.empty()) json["operators"] = row.operators;
  json["nodes"] = row.nodes;
  json["framework_layers"] = Json::array();
  for (size_t i = 0; i < row.layers.size(); ++i) {
    json["framework_layers"].push_back({{"name", row.layers[i]}, {"type", row.layer_types[i]}});
  }
  store::AddEstimate(json, "duration_ns_p50", row.duration_ns);
  json["share"] = row.share;
  if (row.nodes.empty()) return json;  // nothing is known of its work
  AddWork(row, json);
  if (row.roofline.verdict == Verdict::kUnknown) return json;
  json["least_ns"] = row.roofline.least_ns;
  if (row.duration_ns.value > 0) json["roof_share"] = row.roofline.least_ns / row.duration_ns.value;
  json["verdict"] = std::string(VerdictName(row.roofline.verdict));
  return json;
}

Json TypeJson(const ProfileRow& row) {
  Json json = {{"type", row.type}, {"count", row.count}};
  store::AddEstimate(json, "duration_ns_p50", row.duration_ns);
  json["share"] = row.share;
  if (!row.nodes.empty()) AddWork(row, json);
  return json;
}

}  // namespace

std::string ProfileToJson(const ProfileReport& report) {
  const RunManifest& manifest = report.manifest;
  const Profile& profile = report.profile;
  Json json = {{"schema", "sightline.profile"},
               {"schema_version", kProfileSchemaVersion},
               {"sightline_version", manifest.sightline_version},
               {"build", manifest.build},
               {"command_line", manifest.command_line},
               {"started_at", manifest.started_at},
               {"model", ModelJson(manifest.model)},
               {"backend", BackendJson(manifest.backend)},
               {"batch", manifest.trial.batch},
               {"input", manifest.input_description},
               {"runs", profile.runs},
               {"partial", !report.partial_reason.empty()}};
  if (!report.partial_reason.empty()) json["partial_reason"] = report.partial_reason;
  store::AddEstimate(json, "inference_ns_p50", profile.inference_ns);
  store::AddEstimate(json, "profiled_ns_p50", profile.profiled_ns);
  store::AddEstimate(json, "layers_ns_p50", profile.layers_ns);
  store::AddEstimate(json, "unattributed_ns", profile.unattributed_ns);
  if (profile.roofs) json["roofs"] = RoofsJson(*profile.roofs);
  if (!report.no_roofs.empty()) json["no_roofs"] = report.no_roofs;
  json["layers"] = Json::array();
  for (const ProfileRow& row : profile.rows) json["layers"].push_back(RowJson(row));
  json["types"] = Json::array();
  for (const ProfileRow& row : profile.types) json["types"].push_back(TypeJson(row));
  json["nodes_without_time"] = profile.nodes_without_time;
  json["machine"] = store::MachineToJson(manifest.machine);
  return store::JsonText(json);
}

}  // namespace sightline::analyze
