#include "backends/tensorflow/core/broadcast.h"

#include <cstddef>

#include "backends/kit/info.h"
#include "backends/tensorflow/core/transpose.h"

namespace sightline::tensorflow {
namespace {

// dims with ones in front, up to `rank`.
Dims Padded(std::span<const int64_t> dims, int rank) {
  Dims padded(static_cast<size_t>(rank) - dims.size(), 1);
  padded.insert(padded.end(), dims.begin(), dims.end());
  return padded;
}

Dims TurningPermutation(int rank) {
  Dims permutation(static_cast<size_t>(rank));
  for (int axis = 0; axis < rank; ++axis)
    permutation[static_cast<size_t>(ChannelsLastAxis(axis, rank))] = axis;
  return permutation;
}

// Leading ones say nothing, and the kernels are quicker without: [1, 1, 1, C] is [C].
Dims WithoutLeadingOnes(const Dims& dims) {
  size_t first = 0;
  while (first < dims.size() && dims[first] == 1) ++first;
  return {dims.begin() + static_cast<std::ptrdiff_t>(first), dims.end()};
}

TF_Output ConstantChannelsLast(Translation& t, const kit::GraphValue& value, int rank) {
  const Dims padded = Padded(value.dims(), rank);
  const std::vector<std::byte> turned =
      TransposeBytes(value.data(), kit::DataTypeBytes(value.type()), padded, TurningPermutation(rank));
  return t.builder.Constant("constant", KnownType(value.type()), WithoutLeadingOnes(ToChannelsLast(padded)),
                            turned.data(), turned.size());
}

kit::Result<TF_Output> OperandChannelsLast(Translation& t, const kit::GraphValue& value, int rank) {
  if (value.is_constant()) return ConstantChannelsLast(t, value, rank);
  if (value.rank() == rank) return t.values.Get(value, Order::kChannelsLast);
  const Dims padded = Padded(value.dims(), rank);
  if (kit::OpenDimensions(padded) > 1) {
    return kit::Unsupported("input '", value.name(), "' broadcasts with more than one open dimension");
  }
  const TF_Output onnx = t.values.Get(value, Order::kOnnx);
  if (OrdersCoincide(padded)) return t.builder.Reshape(onnx, ToChannelsLast(padded), "align");
  return t.builder.Transpose(t.builder.Reshape(onnx, padded, "align"), TurningPermutation(rank),
                             "to_channels_last");
}

}  // namespace

kit::Result<Operands> AlignOperands(Translation& t, const kit::GraphNode& node) {
  const int rank = node.output().rank();
  Operands operands;
  operands.order = rank >= 4 ? CommonOrder(t, node) : Order::kOnnx;
  for (int i = 0; i < node.input_count(); ++i) {
    if (!node.has_input(i)) return kit::InvalidArgument("input ", i, " is missing");
    const kit::GraphValue value = node.input(i);
    if (operands.order == Order::kOnnx) {
      operands.outputs.push_back(t.values.Get(value, Order::kOnnx));
      continue;
    }
    if (!value.shape_known()) return kit::Unsupported("the shape of input '", value.name(), "' is not known");
    KIT_ASSIGN_OR_RETURN(const TF_Output output, OperandChannelsLast(t, value, rank));
    operands.outputs.push_back(output);
  }
  return operands;
}

}  // namespace sightline::tensorflow
