#include "src/cli/model.h"

#include <fmt/format.h>

#include <algorithm>

#include "src/base/text.h"
#include "src/cli/output_kind.h"
#include "src/preprocess/preprocess.h"
#include "src/zoo/zoo.h"

namespace sightline::cli {
namespace {

namespace fs = std::filesystem;

// What is assumed of an ONNX file nobody described: how torchvision and the ONNX model zoo prepare ImageNet
// pictures (shorter side to 256/224 of the input, central crop, mean and deviation of ImageNet in RGB).
PreprocessSpec TorchvisionPreprocess() {
  PreprocessSpec spec;
  spec.resize = ResizeMode::kShorterThenCrop;
  spec.kernel = ResizeKernel::kBilinearAntialias;
  spec.mean = {0.485F * 255, 0.456F * 255, 0.406F * 255};
  spec.scale = {1 / (0.229F * 255), 1 / (0.224F * 255), 1 / (0.225F * 255)};
  return spec;
}

// What is assumed of a TensorFlow file nobody described: TF-slim's Inception preprocessing.
PreprocessSpec SlimPreprocess() {
  PreprocessSpec spec;
  spec.resize = ResizeMode::kCropThenStretch;
  spec.kernel = ResizeKernel::kBilinearTf1;
  spec.crop_fraction = 0.875;
  spec.mean = {127.5F, 127.5F, 127.5F};
  spec.scale = {1 / 127.5F, 1 / 127.5F, 1 / 127.5F};
  return spec;
}

// Far beyond what any network takes, and what a file that says more means is not a picture.
constexpr int64_t kLargestInputSide = 16384;

Status SetInputSize(const std::string& model, int64_t width, int64_t height, PreprocessSpec& spec) {
  if (std::max(width, height) > kLargestInputSide) {
    return Error(ErrorKind::kUnsupported,
                 fmt::format("{}: the input is {} by {} pixels; pictures are prepared up to {} a side", model,
                             width, height, kLargestInputSide));
  }
  spec.width = static_cast<int>(width);
  spec.height = static_cast<int>(height);
  spec.shorter_side = static_cast<int>(std::min(width, height) * 256 / 224);
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
  model.task.preprocess = TorchvisionPreprocess();
  SIGHTLINE_RETURN_IF_ERROR(SetInputSize(model.name, shape[3], shape[2], model.task.preprocess));
  if (graph.output_count == 0) {
    return Error(ErrorKind::kUnsupported, model.name + ": the model has no output");
  }
  model.task.output_kind = OutputKindOf(graph);
  const SlValue& output = graph.values[graph.outputs[0]];
  if (output.rank >= 2) model.task.classes = static_cast<int>(output.dims[output.rank - 1]);
  return OkStatus();
}

Result<LoadedModel> LoadZooModel(const zoo::Entry& entry, uint64_t weight_seed) {
  LoadedModel model;
  model.name = entry.name;
  model.task = entry.task;
  SIGHTLINE_ASSIGN_OR_RETURN(model.network, zoo::Build(entry.name, weight_seed));
  if (entry.task.detection && entry.task.detection->second_stage) {
    model.task_problem =
        Error(ErrorKind::kUnsupported,
              entry.name +
                  " is a two-stage detector; its networks can be shown and exported, but nothing here "
                  "crops proposals for the second stage yet: run a one-stage detector (SSD, YOLO)");
  }
  return model;
}

Result<LoadedModel> LoadModelFile(const fs::path& path) {
  LoadedModel model;
  // "folder/" has no file name of its own.
  model.name = (path.has_filename() ? path : path.parent_path()).filename().string();
  model.task_assumed = true;
  if (path.extension() != ".onnx") {
    model.file = path;
    model.task.preprocess = SlimPreprocess();
    return model;
  }
  SIGHTLINE_ASSIGN_OR_RETURN(auto network, network::Network::FromFile(path));
  if (const Status task = TaskFromNetwork(network, model); !task.ok()) model.task_problem = task.error();
  model.network = std::move(network);
  return model;
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
  auto model = entry.ok() ? LoadZooModel(**entry, weight_seed) : LoadModelFile(name);
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

Status CompleteTask(const backend::EngineInfo& engine, LoadedModel& model) {
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
  if (model.network) {
    const network::NetworkCost cost = model.network->Cost();
    facts.parameters = cost.parameters;
    facts.macs = cost.macs;
  }
  return facts;
}

}  // namespace sightline::cli
