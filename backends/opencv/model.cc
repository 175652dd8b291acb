#include "backends/opencv/model.h"

#include <charconv>
#include <optional>

#include "backends/opencv/reader.h"

namespace sightline::opencv_backend {
namespace {

using cv::dnn::MatShape;

kit::Result<kit::TensorInfo> FromValue(const kit::GraphValue& value) {
  if (value.type() != SL_F32) {
    return kit::Unsupported("'", value.name(), "' is ", kit::DataTypeName(value.type()),
                            "; the OpenCV backend takes and gives fp32 only");
  }
  if (!value.shape_known()) return kit::Unsupported("the shape of '", value.name(), "' is not known");
  kit::TensorInfo info{value.name(), SL_F32, SL_LAYOUT_PLAIN,
                       kit::NamedDims({value.dims().begin(), value.dims().end()})};
  if (info.dynamic()) {
    return kit::Unsupported("the shape of '", value.name(),
                            "' is decided by the data, which OpenCV can't do");
  }
  return info;
}

// "3x224x224"; nothing if it is not of that form.
std::optional<MatShape> ParseShape(const std::string& text) {
  MatShape shape;
  const char* at = text.data();
  const char* const end = text.data() + text.size();
  while (at < end) {
    int dim = 0;
    const auto [next, error] = std::from_chars(at, end, dim);
    if (error != std::errc() || dim < 1 || (next < end && *next != 'x')) return std::nullopt;
    shape.push_back(dim);
    at = next + 1;
  }
  if (shape.empty() || text.back() == 'x') return std::nullopt;
  return shape;
}

// What the file says, else `given`; without the batch.
kit::Result<MatShape> InputShape(const cv::dnn::Net& net, const std::string& given) {
  if (!given.empty()) {
    if (const auto shape = ParseShape(given)) return *shape;
    return kit::InvalidArgument("option input_shape is channels x height x width, like 3x224x224, not '",
                                given, "'");
  }
  std::vector<MatShape> in;
  std::vector<MatShape> out;
  net.getLayerShapes(MatShape(), 0, in, out);
  const bool known = in.size() == 1 && in[0].size() > 1 &&
                     std::all_of(in[0].begin() + 1, in[0].end(), [](int dim) { return dim > 0; });
  if (!known) {
    return kit::InvalidArgument(
        "the file does not say the shape of its input; give it with --option input_shape=CxHxW");
  }
  return MatShape(in[0].begin() + 1, in[0].end());
}

// Shapes of the named outputs when the input is `batch` times `shape`.
std::vector<MatShape> OutputShapes(const cv::dnn::Net& net, const std::vector<std::string>& names,
                                   MatShape shape, int batch) {
  shape.insert(shape.begin(), batch);
  std::vector<MatShape> shapes;
  for (const std::string& name : names) {
    std::vector<MatShape> in;
    std::vector<MatShape> out;
    net.getLayerShapes(shape, net.getLayerId(name), in, out);
    shapes.push_back(out.at(0));
  }
  return shapes;
}

// True when going from batch 1 to 2 changes dims[0] of every output from 1 to 2 and nothing else.
bool FollowBatch(const std::vector<MatShape>& of_one, const std::vector<MatShape>& of_two) {
  for (size_t i = 0; i < of_one.size(); ++i) {
    MatShape doubled = of_one[i];
    if (doubled.empty() || doubled[0] != 1) return false;
    doubled[0] = 2;
    if (doubled != of_two[i]) return false;
  }
  return true;
}

kit::TensorInfo Info(const std::string& name, const MatShape& shape, bool open_batch) {
  kit::TensorInfo info{name, SL_F32, SL_LAYOUT_PLAIN, {shape.begin(), shape.end()}};
  if (open_batch) info.dims[0] = SL_DIM_BATCH;
  return info;
}

}  // namespace

kit::Result<Description> DescribeGraph(const kit::GraphView& graph) {
  Description description;
  for (const kit::GraphValue& value : graph.inputs()) {
    KIT_ASSIGN_OR_RETURN(kit::TensorInfo input, FromValue(value));
    if (input.dims.size() == 4) input.layout = SL_LAYOUT_NCHW;
    description.names.inputs.emplace_back(value.name());
    description.info.inputs.push_back(std::move(input));
  }
  for (const kit::GraphValue& value : graph.outputs()) {
    KIT_ASSIGN_OR_RETURN(kit::TensorInfo output, FromValue(value));
    description.names.outputs.emplace_back(value.name());
    description.info.outputs.push_back(std::move(output));
  }
  return description;
}

kit::Result<Description> DescribeNet(const cv::dnn::Net& net, const std::string& input_shape) {
  try {
    KIT_ASSIGN_OR_RETURN(MatShape shape, InputShape(net, input_shape));
    Description description;
    description.names.inputs = {""};  // OpenCV's name for the only input
    for (const cv::String& name : net.getUnconnectedOutLayersNames())
      description.names.outputs.push_back(name);
    const std::vector<MatShape> of_one = OutputShapes(net, description.names.outputs, shape, 1);
    const bool open_batch = FollowBatch(of_one, OutputShapes(net, description.names.outputs, shape, 2));
    shape.insert(shape.begin(), 1);
    description.info.inputs = {Info("input", shape, open_batch)};
    if (shape.size() == 4) description.info.inputs[0].layout = SL_LAYOUT_NCHW;
    for (size_t i = 0; i < of_one.size(); ++i) {
      description.info.outputs.push_back(Info(description.names.outputs[i], of_one[i], open_batch));
    }
    return description;
  } catch (const cv::Exception& exception) {
    return FromException(exception, SL_UNSUPPORTED)
        .WithContext("OpenCV can't work out the shapes of this network");
  }
}

}  // namespace sightline::opencv_backend
