#include "src/cli/model.h"

#include <fmt/format.h>

#include <algorithm>

#include "src/base/text.h"
#include "src/cli/output_kind.h"
#include "src/description/model_description.h"
#include "src/flow/preprocess_styles.h"
#include "src/postprocess/describe.h"
#include "src/postprocess/fit_outputs.h"
#include "src/postprocess/labels.h"
#include "src/preprocess/preprocess.h"
#include "src/zoo/zoo.h"

namespace sightline::cli {
namespace {

namespace fs = std::filesystem;

// Far beyond what any network takes, and what a file that says more means is not a picture.
constexpr int64_t kLargestInputSide = 16384;

Status SetInputSize(const std::string& model, int64_t width, int64_t height, PreprocessSpec& spec) {
  if (std::max(width, height) > kLargestInputSide) {
    return Error(ErrorKind::kUnsupported,
                 fmt::format("{}: the input is {} by {} pixels; pictures are prepared up to {} a side", model,
                             width, height, kLargestInputSide));
  }
  if (spec.width != 0 && (spec.width != width || spec.height != height)) {
    return Error(
        ErrorKind::kInvalidArgument,
        fmt::format("{}: the description says that the input is {} by {} pixels, the model says {} by "
                    "{}; correct input.size or take it out",
                    model, spec.width, spec.height, width, height));
  }
  spec.width = static_cast<int>(width);
  spec.height = static_cast<int>(height);
  if (spec.shorter_side == 0) spec.shorter_side = static_cast<int>(std::min(width, height) * 256 / 224);
  return OkStatus();
}

Error OpenInputSize(const std::string& model, const std::string& shape) {
  return Error(
      ErrorKind::kUnsupported,
      fmt::format(
          "{}: the input has shape {}; it must be a batch of pictures of a fixed size with 3 channels", model,
          shape));
}

Status TaskFromNetwork(const network::Network& network, LoadedModel& model) {
  const SlGraph& graph = network.Graph();
  if (graph.input_count != 1) {
    return Error(ErrorKind::kUnsupported,
                 fmt::format("{}: the model has {} inputs; only models with one picture input "
                             "can be measured",
                             model.name, graph.input_count));
  }
  const SlValue& input = graph.values[graph.inputs[0]];
  Shape shape;
  shape.rank = std::max(input.rank, 0);
  for (int i = 0; i < shape.rank; ++i) shape[i] = input.dims[i];
  if (shape.rank != 4 || shape[1] != 3 || shape[2] < 1 || shape[3] < 1) {
    return OpenInputSize(model.name, shape.ToString());
  }
  SIGHTLINE_RETURN_IF_ERROR(SetInputSize(model.name, shape[3], shape[2], model.task.preprocess));
  if (graph.output_count == 0) {
    return Error(ErrorKind::kUnsupported, model.name + ": the model has no output");
  }
  if (model.task.task == Task::kDetection) return OkStatus();
  if (!model.scores_given) model.task.output_kind = OutputKindOf(graph);
  if (model.task.classes != 0) return OkStatus();
  const SlValue& output = graph.values[graph.outputs[0]];
  if (output.rank >= 2) model.task.classes = static_cast<int>(output.dims[output.rank - 1]);
  return OkStatus();
}

Result<LoadedModel> LoadZooModel(const zoo::Entry& entry, uint64_t weight_seed) {
  LoadedModel model;
  model.name = entry.name;
  model.task = entry.task;
  SIGHTLINE_ASSIGN_OR_RETURN(model.network, zoo::Build(entry.name, weight_seed));
  if (HasSecondNetwork(entry.task)) {
    SIGHTLINE_ASSIGN_OR_RETURN(model.second_network, zoo::BuildSecondStage(entry.name, weight_seed));
  }
  return model;
}

bool IsOnnx(const fs::path& path) {
  return path.extension() == ".onnx";
}

// `model` with the file's network, or with the file where only a framework reads it.
Result<LoadedModel> OpenModelFile(const fs::path& path, LoadedModel model) {
  if (!IsOnnx(path)) {
    model.file = path;
    return model;
  }
  SIGHTLINE_ASSIGN_OR_RETURN(auto network, network::Network::FromFile(path));
  if (const Status task = TaskFromNetwork(network, model); !task.ok()) model.task_problem = task.error();
  model.network = std::move(network);
  return model;
}

Result<LoadedModel> LoadModelFile(const fs::path& path) {
  LoadedModel model;
  // "folder/" has no file name of its own.
  model.name = (path.has_filename() ? path : path.parent_path()).filename().string();
  model.task_assumed = true;
  // What is assumed of files nobody described: what most of their kind take.
  model.task.preprocess = IsOnnx(path) ? TorchvisionStyle() : SlimInceptionStyle();
  return OpenModelFile(path, std::move(model));
}

Result<TaskSpec> TaskOfZoo(const std::string& name) {
  SIGHTLINE_ASSIGN_OR_RETURN(const zoo::Entry* entry, zoo::Find(name));
  return entry->task;
}

Result<LoadedModel> LoadDescribedModel(const fs::path& path) {
  SIGHTLINE_ASSIGN_OR_RETURN(auto described, description::ReadModelDescription(path, TaskOfZoo));
  std::error_code ignored;
  if (!fs::exists(described.file, ignored)) {
    return Error(ErrorKind::kNotFound, fmt::format("{}: the model's file {} does not exist; correct file:",
                                                   path.string(), described.file.string()));
  }
  LoadedModel model;
  model.name = path.filename().string();
  model.task = std::move(described.task);
  model.scores_given = described.scores_given;
  model.labels_file = described.labels_file;
  return OpenModelFile(described.file, std::move(model));
}

Result<LoadedModel> LoadFrom(const std::string& path) {
  return description::IsModelDescription(path) ? LoadDescribedModel(path) : LoadModelFile(path);
}

Error NeitherZooNorFile(const std::string& name) {
  std::vector<std::string> names;
  for (const zoo::Entry& entry : zoo::Entries()) names.push_back(entry.name);
  const std::string nearest = NearestName(name, names);
  return Error(
      ErrorKind::kNotFound,
      fmt::format("'{}' is neither a network of the zoo nor a file; {}`sightline models` lists the zoo", name,
                  nearest.empty() ? "" : fmt::format("did you mean '{}'? ", nearest)));
}

// Finished boxes tell the number of a class and not how many there are: names do.
Status CompleteClasses(LoadedModel& model) {
  TaskSpec& task = model.task;
  const bool finished = task.detection && std::holds_alternative<FinishedBoxesSpec>(task.detection->decoder);
  if (!finished || task.classes != 0) return OkStatus();
  std::vector<std::string> labels = task.labels;
  if (!model.labels_file.empty()) {
    SIGHTLINE_ASSIGN_OR_RETURN(labels, postprocess::ReadLabels(model.labels_file));
  }
  if (labels.empty()) {
    return Error(
        ErrorKind::kInvalidArgument,
        model.name + ": how many classes there are is not in the model's outputs; add classes: or labels:");
  }
  task.classes = static_cast<int>(labels.size());
  const bool has_background = labels.front() == "background" || labels.front() == "__background__";
  if (task.has_background_class && !has_background) ++task.classes;
  return OkStatus();
}

// A network that takes bytes scales them itself: mean and scale are left out, and said to be.
void TakePixelsAsTheyAre(PreprocessSpec& spec) {
  spec.mean = {0, 0, 0};
  spec.scale = {1, 1, 1};
}

}  // namespace

backend::ModelSource LoadedModel::source() const {
  return {.name = name, .network = network ? &*network : nullptr, .file = file};
}

Result<LoadedModel> LoadModel(const std::string& name, uint64_t weight_seed, const Clock& clock) {
  const int64_t begin_ns = clock.NowNs();
  const auto entry = zoo::Find(name);
  std::error_code ignored;
  if (!entry.ok() && !fs::exists(name, ignored)) {
    return NeitherZooNorFile(name);
  }
  auto model = entry.ok() ? LoadZooModel(**entry, weight_seed) : LoadFrom(name);
  if (model.ok()) model->build_ns = clock.NowNs() - begin_ns;
  return model;
}

Status PrepareBatch(LoadedModel& model, int batch) {
  if (model.task_problem) return *model.task_problem;
  if (!model.network) return OkStatus();
  const SlGraph& graph = model.network->Graph();
  const SlValue& input = graph.values[graph.inputs[0]];
  if (input.rank > 0 && (input.dims[0] == -1 || input.dims[0] == batch)) return OkStatus();
  auto open = model.network->WithBatch(std::nullopt);
  if (!open.ok()) open = model.network->WithBatch(batch);
  SIGHTLINE_RETURN_IF_ERROR(open.status());
  model.network = std::move(open).value();
  return OkStatus();
}

bool HasSecondNetwork(const TaskSpec& task) {
  if (!task.detection) return false;
  const auto* stages = std::get_if<TwoStageSpec>(&task.detection->decoder);
  return stages != nullptr && stages->crop == RoiCrop::kBilinear;
}

int ProposalsOf(const TaskSpec& task) {
  if (!task.detection) return 0;
  const auto* stages = std::get_if<TwoStageSpec>(&task.detection->decoder);
  return stages == nullptr ? 0 : stages->proposal_nms.max_total;
}

Status CompleteTask(const backend::EngineInfo& engine, LoadedModel& model) {
  if (model.task.detection && model.task.classes == 0) {
    model.task.classes = postprocess::ClassesIn(*model.task.detection, engine.outputs);
  }
  SIGHTLINE_RETURN_IF_ERROR(CompleteClasses(model));
  if (engine.inputs.size() == 1 && engine.inputs[0].type == SL_U8) TakePixelsAsTheyAre(model.task.preprocess);
  if (model.network) return OkStatus();
  if (engine.inputs.size() != 1 || engine.inputs[0].shape.rank != 4) {
    return Error(
        ErrorKind::kUnsupported,
        fmt::format("{}: the model has {} inputs; it must have one, a batch of pictures (4 dimensions)",
                    model.name, engine.inputs.size()));
  }
  const TensorInfo& input = engine.inputs[0];
  const bool nhwc = input.layout == SL_LAYOUT_NHWC;
  const int64_t height = input.shape[nhwc ? 1 : 2];
  const int64_t width = input.shape[nhwc ? 2 : 3];
  if (height < 1 || width < 1 || input.shape[nhwc ? 3 : 1] != 3) {
    return OpenInputSize(model.name, input.shape.ToString());
  }
  SIGHTLINE_RETURN_IF_ERROR(SetInputSize(model.name, width, height, model.task.preprocess));
  if (engine.outputs.empty()) {
    return Error(ErrorKind::kUnsupported, model.name + ": the model has no output");
  }
  if (model.task.detection || model.task.classes != 0) return OkStatus();
  const Shape& output = engine.outputs[0].shape;
  if (output.rank >= 2) model.task.classes = static_cast<int>(output[output.rank - 1]);
  return OkStatus();
}

ModelFacts DescribeModel(const LoadedModel& model) {
  ModelFacts facts;
  facts.name = model.name;
  facts.task = TaskName(model.task.task);
  facts.input = fmt::format("3x{}x{}", model.task.preprocess.height, model.task.preprocess.width);
  facts.preprocess = preprocess::Describe(model.task.preprocess);
  if (model.task.detection) facts.postprocess = postprocess::DescribeDetector(model.task);
  if (model.network) {
    const network::NetworkCost cost = model.network->Cost();
    facts.parameters = cost.parameters;
    facts.macs = cost.macs;
    if (model.second_network) {
      const network::NetworkCost second = model.second_network->Cost();
      facts.parameters += second.parameters;
      facts.macs += second.macs * ProposalsOf(model.task);
    }
  }
  return facts;
}

}  // namespace sightline::cli
