#include "backends/torch/translation.h"

#include <algorithm>
#include <cstring>

namespace sightline::torch_backend {
namespace {

template <typename T>
double First(const void* data) {
  T value;
  std::memcpy(&value, data, sizeof value);
  return static_cast<double>(value);
}

std::optional<double> FirstNumber(const kit::GraphValue& value) {
  switch (value.type()) {
    case SL_F32:
      return First<float>(value.data());
    case SL_F64:
      return First<double>(value.data());
    case SL_I8:
      return First<int8_t>(value.data());
    case SL_U8:
      return First<uint8_t>(value.data());
    case SL_I32:
      return First<int32_t>(value.data());
    case SL_I64:
      return First<int64_t>(value.data());
    default:
      return std::nullopt;
  }
}

}  // namespace

std::string In(Translation& translation, const kit::GraphNode& node, int i) {
  return translation.builder.Get(node.input(i));
}

kit::Status NeedsImage(const kit::GraphNode& node, int low, int high) {
  const kit::GraphValue input = node.input(0);
  if (input.rank() >= low && input.rank() <= high && input.dims()[1] > 0) return kit::Ok();
  return kit::Unsupported("only inputs of rank ", low, " to ", high,
                          " with a known number of channels are supported, not '", input.name(), "' of rank ",
                          input.rank());
}

kit::Result<std::optional<double>> NumberOf(const kit::GraphNode& node, std::string_view name, int input) {
  if (node.has_attribute(name)) return std::optional<double>(node.Float(name, 0));
  if (!node.has_input(input)) return std::optional<double>();
  const kit::GraphValue value = node.input(input);
  if (!value.is_constant()) {
    return kit::Unsupported("input '", value.name(), "' (", name, ") must be a constant");
  }
  if (value.elements() != 1) return kit::InvalidArgument("'", name, "' must be one number");
  const std::optional<double> number = FirstNumber(value);
  if (!number) return kit::Unsupported("'", name, "' has a type that is not supported");
  return number;
}

kit::Result<std::string> Reshaped(const std::string& name, const kit::GraphValue& value) {
  if (!value.shape_known() || kit::OpenDimensions(value.dims()) > 1) {
    return kit::Unsupported("more than one dimension of the result is open");
  }
  Dims dims(value.dims().begin(), value.dims().end());
  for (int64_t& dim : dims) dim = std::max<int64_t>(dim, -1);
  return Torch("reshape", name, dims);
}

Dims PadsFromTheBack(const Dims& pads) {
  const size_t axes = pads.size() / 2;
  Dims turned;
  for (size_t axis = axes; axis-- > 0;) {
    turned.push_back(pads[axis]);
    turned.push_back(pads[axis + axes]);
  }
  return turned;
}

}  // namespace sightline::torch_backend
