#include "backends/openvino/describe.h"

#include <algorithm>
#include <map>
#include <openvino/core/layout.hpp>
#include <openvino/op/parameter.hpp>
#include <openvino/openvino.hpp>
#include <optional>
#include <string>
#include <utility>

#include "backends/kit/graph.h"
#include "backends/openvino/reader.h"
#include "backends/openvino/types.h"

namespace sightline::openvino_backend {
namespace {

using Port = ov::Output<ov::Node>;

std::string NameOf(const Port& port) {
  return port.get_names().empty() ? port.get_node()->get_friendly_name() : port.get_any_name();
}

kit::Result<kit::TensorInfo> FromPort(const Port& port) {
  kit::TensorInfo info;
  info.name = NameOf(port);
  const std::optional<SlDataType> type = FromOpenVino(port.get_element_type());
  if (!type) {
    return kit::Unsupported("'", info.name, "' is of OpenVINO's type ",
                            port.get_element_type().get_type_name(), ", which can't be handed over");
  }
  info.type = *type;
  const ov::PartialShape& shape = port.get_partial_shape();
  if (shape.rank().is_dynamic()) {
    return kit::InvalidArgument("the file does not say the shape of '", info.name,
                                "'; give that of its input with --option input_shape, as HxWxC or CxHxW");
  }
  if (shape.size() > SL_MAX_RANK) {
    return kit::Unsupported("'", info.name, "' has ", shape.size(), " dimensions; at most ", SL_MAX_RANK,
                            " can be handed over");
  }
  for (const ov::Dimension& dim : shape) info.dims.push_back(dim.is_static() ? dim.get_length() : -1);
  info.dims = kit::NamedDims(std::move(info.dims));
  return info;
}

// Of a file's picture: what the model itself says, else where the channels can only be, else as TensorFlow.
SlLayout LayoutOf(const Port& port, const std::vector<int64_t>& dims) {
  if (dims.size() != 4) return SL_LAYOUT_PLAIN;
  const ov::Layout layout = ov::layout::get_layout(port);
  if (ov::layout::has_channels(layout)) {
    const int64_t at = ov::layout::channels_idx(layout);
    return at == 1 || at == -3 ? SL_LAYOUT_NCHW : SL_LAYOUT_NHWC;
  }
  const auto channels = [](int64_t dim) { return dim == 1 || dim == 3; };
  return channels(dims[1]) && !channels(dims[3]) ? SL_LAYOUT_NCHW : SL_LAYOUT_NHWC;
}

// The number of the port that has each of the graph's names.
kit::Result<std::vector<size_t>> MatchPorts(const std::vector<Port>& ports,
                                            const std::vector<kit::GraphValue>& values) {
  std::vector<size_t> numbers;
  for (const kit::GraphValue& value : values) {
    const auto port = std::find_if(ports.begin(), ports.end(),
                                   [&](const Port& one) { return one.get_names().contains(value.name()); });
    if (port == ports.end())
      return kit::Internal("OpenVINO read the network without its '", value.name(), "'");
    numbers.push_back(static_cast<size_t>(port - ports.begin()));
  }
  return numbers;
}

kit::Result<std::vector<kit::TensorInfo>> FromGraph(const std::vector<Port>& ports,
                                                    const std::vector<size_t>& numbers,
                                                    const std::vector<kit::GraphValue>& values) {
  std::vector<kit::TensorInfo> infos;
  for (size_t i = 0; i < values.size(); ++i) {
    KIT_ASSIGN_OR_RETURN(kit::TensorInfo info, FromPort(ports[numbers[i]]));
    info.name = values[i].name();
    if (values[i].shape_known()) {
      info.dims = kit::NamedDims({values[i].dims().begin(), values[i].dims().end()});
    }
    infos.push_back(std::move(info));
  }
  return infos;
}

kit::Result<Description> DescribeGraph(ov::Model& model, const kit::GraphView& graph) {
  Description description;
  const std::vector<Port> inputs = model.inputs();
  const std::vector<Port> outputs = model.outputs();
  KIT_ASSIGN_OR_RETURN(description.input_ports, MatchPorts(inputs, graph.inputs()));
  KIT_ASSIGN_OR_RETURN(description.output_ports, MatchPorts(outputs, graph.outputs()));
  KIT_ASSIGN_OR_RETURN(description.info.inputs, FromGraph(inputs, description.input_ports, graph.inputs()));
  KIT_ASSIGN_OR_RETURN(description.info.outputs,
                       FromGraph(outputs, description.output_ports, graph.outputs()));
  for (kit::TensorInfo& input : description.info.inputs) {
    if (input.dims.size() == 4) input.layout = SL_LAYOUT_NCHW;
  }
  return description;
}

// The first dimension of every output when the batch is `batch`; -1 where it is open or there is none.
std::vector<int64_t> FirstDims(const ov::Model& model, const Description& description, int64_t batch) {
  const std::shared_ptr<ov::Model> copy = model.clone();
  std::vector<int64_t> dims(copy->outputs().size(), -1);
  if (!FixBatch(*copy, description, batch).ok()) return dims;
  for (size_t i = 0; i < dims.size(); ++i) {
    const ov::PartialShape& shape = copy->output(i).get_partial_shape();
    if (shape.rank().is_static() && shape.size() > 0 && shape[0].is_static()) dims[i] = shape[0].get_length();
  }
  return dims;
}

// OpenVINO does not say whether an output's open first dimension is the batch: two batches tell.
void NameBatches(const ov::Model& model, Description& description) {
  const std::vector<int64_t> of_two = FirstDims(model, description, 2);
  const std::vector<int64_t> of_three = FirstDims(model, description, 3);
  for (size_t i = 0; i < description.info.outputs.size(); ++i) {
    std::vector<int64_t>& dims = description.info.outputs[i].dims;
    if (dims.empty() || dims[0] >= 0) continue;
    const bool follows = description.open_batch && of_two[i] == 2 && of_three[i] == 3;
    dims[0] = follows ? SL_DIM_BATCH : SL_DIM_DYNAMIC;
  }
}

kit::Result<Description> DescribeFile(ov::Model& model) {
  Description description;
  for (const Port& port : model.inputs()) {
    KIT_ASSIGN_OR_RETURN(kit::TensorInfo info, FromPort(port));
    info.layout = LayoutOf(port, info.dims);
    description.input_ports.push_back(description.input_ports.size());
    description.info.inputs.push_back(std::move(info));
  }
  for (const Port& port : model.outputs()) {
    KIT_ASSIGN_OR_RETURN(kit::TensorInfo info, FromPort(port));
    description.output_ports.push_back(description.output_ports.size());
    description.info.outputs.push_back(std::move(info));
  }
  return description;
}

bool HasBatch(const kit::TensorInfo& info) {
  return !info.dims.empty() && info.dims[0] == SL_DIM_BATCH;
}

}  // namespace

kit::Result<Description> Describe(const std::shared_ptr<ov::Model>& model, const SlGraph* graph) {
  try {
    KIT_ASSIGN_OR_RETURN(Description description, graph != nullptr
                                                      ? DescribeGraph(*model, kit::GraphView(*graph))
                                                      : DescribeFile(*model));
    description.open_batch =
        std::any_of(description.info.inputs.begin(), description.info.inputs.end(), HasBatch);
    if (graph == nullptr) NameBatches(*model, description);
    return description;
  } catch (const std::exception& exception) {
    return FromException(exception, SL_UNSUPPORTED)
        .WithContext("OpenVINO can't work out the shapes of this network");
  }
}

kit::Status FixBatch(ov::Model& model, const Description& description, int64_t batch) {
  try {
    std::map<size_t, ov::PartialShape> shapes;
    for (size_t i = 0; i < description.info.inputs.size(); ++i) {
      const size_t port = description.input_ports[i];
      ov::PartialShape shape = model.input(port).get_partial_shape();
      if (HasBatch(description.info.inputs[i])) shape[0] = batch;
      shapes[port] = std::move(shape);
    }
    model.reshape(shapes);
    return kit::Ok();
  } catch (const std::exception& exception) {
    return FromException(exception, SL_UNSUPPORTED)
        .WithContext(kit::Text("OpenVINO can't give this network a batch of ", batch));
  }
}

}  // namespace sightline::openvino_backend
