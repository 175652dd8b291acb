#include "src/cli/models_command.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "src/cli/model.h"
#include "src/postprocess/anchors.h"
#include "src/postprocess/describe.h"
#include "src/preprocess/preprocess.h"
#include "src/report/text_table.h"
#include "src/store/files.h"
#include "src/store/json_text.h"
#include "src/zoo/zoo.h"

namespace sightline::cli {
namespace {

using Json = nlohmann::ordered_json;

// The double whose shortest text is that of the float: 0.6, not 0.60000002.
double Shortest(float value) {
  return std::stod(fmt::format("{}", value));
}

// Limits that are none are left out.
Json DetectionToJson(const DetectionSpec& spec) {
  const NmsSpec& nms = spec.nms;
  Json json{{"decoder", postprocess::DecoderName(spec)},
            {"anchors", postprocess::AnchorCount(spec)},
            {"score_threshold", Shortest(nms.score_threshold)},
            {"iou_threshold", Shortest(nms.iou_threshold)}};
  if (nms.max_candidates_per_class > 0) json["max_candidates_per_class"] = nms.max_candidates_per_class;
  if (nms.max_per_class > 0) json["max_per_class"] = nms.max_per_class;
  json["max_total"] = nms.max_total;
  return json;
}

// Field names are part of the contract: schema/models.schema.json.
Json ToJson(const std::string& name, const TaskSpec& task, bool task_known,
            const network::NetworkCost& cost) {
  Json json;
  json["name"] = name;
  if (task_known) {
    json["task"] = TaskName(task.task);
    json["input"] = fmt::format("3x{}x{}", task.preprocess.height, task.preprocess.width);
    json["classes"] = task.classes;
  }
  json["parameters"] = cost.parameters;
  json["macs"] = cost.macs;
  json["weight_bytes"] = cost.weight_bytes;
  json["activation_bytes"] = cost.activation_bytes;
  if (task_known) json["preprocess"] = preprocess::Describe(task.preprocess);
  if (task_known && task.detection) json["detection"] = DetectionToJson(*task.detection);
  const PublishedFigures& published = task.published;
  if (published.parameters > 0) json["published_parameters"] = published.parameters;
  if (published.macs > 0) json["published_macs"] = published.macs;
  if (published.top1_percent) json["published_top1_percent"] = *published.top1_percent;
  if (published.map_percent > 0) json["published_map_percent"] = published.map_percent;
  json["source"] = published.source;
  return json;
}

Json LayerToJson(const network::LayerCost& layer) {
  return {{"name", layer.name},
          {"op_type", layer.op_type},
          {"output_shape", layer.output_shape},
          {"parameters", layer.parameters},
          {"macs", layer.macs},
          {"weight_bytes", layer.weight_bytes},
          {"input_bytes", layer.input_bytes},
          {"output_bytes", layer.output_bytes}};
}

std::string Millions(double value, int decimals) {
  return fmt::format("{:.{}f}", value / 1e6, decimals);
}

// With the second network of a two-stage detector, run on every proposal.
Result<network::NetworkCost> WholeCost(const zoo::Entry& entry) {
  SIGHTLINE_ASSIGN_OR_RETURN(network::NetworkCost cost, zoo::Count(entry.name));
  if (!HasSecondNetwork(entry.task)) return cost;
  SIGHTLINE_ASSIGN_OR_RETURN(const network::NetworkCost second, zoo::CountSecondStage(entry.name));
  const int proposals = ProposalsOf(entry.task);
  cost.parameters += second.parameters;
  cost.weight_bytes += second.weight_bytes;
  cost.macs += proposals * second.macs;
  cost.activation_bytes += proposals * second.activation_bytes;
  return cost;
}

std::string LayerTable(const network::NetworkCost& cost) {
  report::TextTable table({{"layer", report::Align::kLeft},
                           {"operator", report::Align::kLeft},
                           {"output", report::Align::kLeft},
                           {"parameters"},
                           {"MMAC"},
                           {"weights kB"},
                           {"out kB"}});
  for (const network::LayerCost& layer : cost.layers) {
    table.AddRow({layer.name, layer.op_type, layer.output_shape, std::to_string(layer.parameters),
                  Millions(static_cast<double>(layer.macs), 2),
                  fmt::format("{:.1f}", static_cast<double>(layer.weight_bytes) / 1e3),
                  fmt::format("{:.1f}", static_cast<double>(layer.output_bytes) / 1e3)});
  }
  return table.ToString();
}

}  // namespace

void ModelsCommand::AddFlags(CLI::App& app) {
  app.add_option("model", model_, "zoo name or ONNX file to show layer by layer");
  app.add_option("--export", export_file_, "write the network, weights included, as an ONNX file");
  app.add_option("--weight-seed", weight_seed_, "seed of the weights")->capture_default_str();
  app.add_flag("--json", json_, "print JSON");
}

int ModelsCommand::Run(CliEnv& env) {
  if (model_.empty() && !export_file_.empty()) {
    return Fail(env, name(), Error(ErrorKind::kInvalidArgument, "--export needs the name of a network"));
  }
  return model_.empty() ? ListAll(env) : ShowOne(env);
}

int ModelsCommand::ListAll(CliEnv& env) const {
  Json list = Json::array();
  report::TextTable table({{"name", report::Align::kLeft},
                           {"input", report::Align::kLeft},
                           {"M parameters"},
                           {"MMAC"},
                           {"published top-1 %"},
                           {"COCO mAP %"},
                           {"anchors"},
                           {"what it is", report::Align::kLeft}});
  for (const zoo::Entry& entry : zoo::Entries()) {
    const auto counted = WholeCost(entry);
    if (!counted.ok()) return Fail(env, name(), counted.error());
    const network::NetworkCost& cost = *counted;
    if (json_) {
      list.push_back(ToJson(entry.name, entry.task, true, cost));
      continue;
    }
    const auto top1 = entry.task.published.top1_percent;
    const double map = entry.task.published.map_percent;
    const auto& detection = entry.task.detection;
    table.AddRow({entry.name, fmt::format("{}x{}", entry.task.preprocess.width, entry.task.preprocess.height),
                  Millions(static_cast<double>(cost.parameters), 2),
                  Millions(static_cast<double>(cost.macs), 0), top1 ? fmt::format("{:.1f}", *top1) : "-",
                  map > 0 ? fmt::format("{:.1f}", map) : "-",
                  detection ? std::to_string(postprocess::AnchorCount(*detection)) : "-", entry.description});
  }
  env.out << (json_ ? store::JsonText(list) : table.ToString());
  return kExitDone;
}

int ModelsCommand::ShowOne(CliEnv& env) const {
  auto loaded = LoadModel(model_, weight_seed_, env.clock);
  if (!loaded.ok()) return Fail(env, name(), loaded.error());
  const LoadedModel model = std::move(loaded).value();
  if (!model.network) {
    return Fail(env, name(),
                Error(ErrorKind::kUnsupported, model_ + " is not an ONNX file; only zoo networks and ONNX "
                                                        "files can be shown layer by layer"));
  }
  const network::Network& network = *model.network;
  if (!export_file_.empty()) {
    if (const Status status = IsAFile(export_file_, "--export"); !status.ok())
      return Fail(env, name(), status.error());
    const auto bytes = network.Serialize();
    if (!bytes.ok()) return Fail(env, name(), bytes.error());
    const Status written = store::WriteFile(export_file_, *bytes);
    if (!written.ok()) return Fail(env, name(), written.error());
    env.err << "written: " << export_file_ << "\n";
    return kExitDone;
  }
  const network::NetworkCost cost = network.Cost();
  if (json_) {
    Json json = ToJson(model.name, model.task, !model.task_problem, cost);
    for (const network::LayerCost& layer : cost.layers) json["layers"].push_back(LayerToJson(layer));
    env.out << store::JsonText(json);
    return kExitDone;
  }
  env.out << LayerTable(cost)
          << fmt::format(
                 "\n{}: {:.3f} M parameters, {:.1f} MMAC, {:.1f} MB of weights, {:.1f} MB of activations\n",
                 model.name, static_cast<double>(cost.parameters) / 1e6, static_cast<double>(cost.macs) / 1e6,
                 static_cast<double>(cost.weight_bytes) / 1e6,
                 static_cast<double>(cost.activation_bytes) / 1e6)
          << (model.task_problem ? "task: not known; " + model.task_problem->message()
                                 : "input: " + preprocess::Describe(model.task.preprocess))
          << "\n";
  if (model.task.detection) env.out << "detection: " << postprocess::DescribeDetector(model.task) << "\n";
  if (!model.task.published.source.empty()) env.out << "published: " << model.task.published.source << "\n";
  return kExitDone;
}

}  // namespace sightline::cli
