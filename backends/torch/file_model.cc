#include "backends/torch/file_model.h"

#include <charconv>
#include <string_view>
#include <utility>

#include "backends/kit/spans.h"

namespace sightline::torch_backend {
namespace {

// "3x224x224"; empty if it is not of that form.
Dims ParseShape(std::string_view text) {
  Dims shape;
  while (!text.empty()) {
    int64_t dim = 0;
    const auto [next, error] = std::from_chars(text.data(), text.data() + text.size(), dim);
    if (error != std::errc() || dim < 1) return {};
    shape.push_back(dim);
    text.remove_prefix(static_cast<size_t>(next - text.data()));
    if (text.empty()) return shape;
    if (text[0] != 'x') return {};
    text.remove_prefix(1);
  }
  return {};
}

std::vector<std::string_view> SplitAtCommas(std::string_view text) {
  std::vector<std::string_view> parts;
  while (true) {
    const size_t comma = text.find(',');
    parts.push_back(text.substr(0, comma));
    if (comma == std::string_view::npos) return parts;
    text.remove_prefix(comma + 1);
  }
}

kit::Result<std::vector<kit::TensorInfo>> InputInfos(const Module& module, const FileRequest& request) {
  const auto wanted = static_cast<size_t>(module.input_count());
  if (request.input_shape.empty()) {
    return kit::InvalidArgument(
        request.path.string(),
        " does not say the shape of its input, as no TorchScript file does; give it with ",
        "--option input_shape=CxHxW",
        wanted == 1 ? "" : kit::Text(", one for each of its ", wanted, " inputs, with commas"));
  }
  const std::vector<std::string_view> shapes = SplitAtCommas(request.input_shape);
  if (shapes.size() != wanted) {
    return kit::InvalidArgument("option input_shape names ", shapes.size(), " inputs; forward of ",
                                request.path.string(), " takes ", wanted);
  }
  std::vector<kit::TensorInfo> infos;
  for (size_t i = 0; i < shapes.size(); ++i) {
    Dims dims = ParseShape(shapes[i]);
    if (dims.empty() || dims.size() >= SL_MAX_RANK) {
      return kit::InvalidArgument("option input_shape is channels x height x width, like 3x224x224, not '",
                                  shapes[i], "'");
    }
    dims.insert(dims.begin(), SL_DIM_BATCH);
    infos.push_back({wanted == 1 ? "input" : "input_" + std::to_string(i), SL_F32,
                     dims.size() == 4 ? SL_LAYOUT_NCHW : SL_LAYOUT_PLAIN, dims});
  }
  return infos;
}

// Whether going from batch 1 to 2 changes dims[0] of every output from 1 to 2 and nothing else.
bool FollowBatch(const std::vector<kit::TensorInfo>& of_one, const std::vector<kit::TensorInfo>& of_two) {
  if (of_one.size() != of_two.size()) return false;
  for (size_t i = 0; i < of_one.size(); ++i) {
    Dims doubled = of_one[i].dims;
    if (doubled.empty() || doubled[0] != 1) return false;
    doubled[0] = 2;
    if (doubled != of_two[i].dims) return false;
  }
  return true;
}

// The inputs and outputs, and whether the batch is open.
kit::Status DescribeOutputs(FileModel& file, const std::filesystem::path& path) {
  kit::Result<std::vector<kit::TensorInfo>> of_one = file.module.OutputsFor(file.inputs, 1);
  if (!of_one.ok()) {
    return kit::InvalidArgument(path.string(),
                                " can't be run with input_shape as given: ", of_one.status().message());
  }
  const kit::Result<std::vector<kit::TensorInfo>> of_two = file.module.OutputsFor(file.inputs, 2);
  const bool open = of_two.ok() && FollowBatch(*of_one, *of_two);
  file.outputs = std::move(of_one).value();
  for (auto* side : {&file.inputs, &file.outputs}) {
    for (kit::TensorInfo& info : *side) {
      if (!info.dims.empty() && (side == &file.inputs || open)) info.dims[0] = open ? SL_DIM_BATCH : 1;
    }
  }
  return kit::Ok();
}

}  // namespace

kit::Result<FileModel> OpenFileModel(const FileRequest& request) {
  KIT_ASSIGN_OR_RETURN(Module module, Module::Open(request.path, request.placement));
  KIT_ASSIGN_OR_RETURN(std::vector<kit::TensorInfo> inputs, InputInfos(module, request));
  FileModel file{std::move(module), std::move(inputs), {}, "", 0};
  KIT_RETURN_IF_ERROR(DescribeOutputs(file, request.path));
  const int64_t begin_ns = kit::NowNs();
  OptimizedModule optimized =
      OptimizeChecked(file.module, file.module, {request.optimize, SL_F32}, file.inputs);
  file.module = std::move(optimized.module);
  file.note = "the file's own element types; " + optimized.note;
  file.optimize_ns = kit::NowNs() - begin_ns;
  return file;
}

}  // namespace sightline::torch_backend
