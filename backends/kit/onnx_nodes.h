// What ONNX says of single nodes, read for a translation into any framework: attributes that later opsets
// made inputs, axes counted from the end, what is meant where something is left out. Nothing here builds
// anything. Errors name what is not possible; the walk puts the layer in front.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "backends/kit/graph.h"
#include "backends/kit/status.h"

namespace sightline::kit {

using Dims = std::vector<int64_t>;

// ---- Inputs and attributes ----

// An error unless input `i` is a constant of 32-bit floats.
Status NeedsConstant(const GraphNode& node, int i);
// The whole numbers of attribute `name`, else those of constant input `input`; std::nullopt where neither is
// there. An error where the input is there but computed at run time.
Result<std::optional<Dims>> IntsOf(const GraphNode& node, std::string_view name, int input);
// -1 counts from the end, as in ONNX. The error names the axis that is out of range.
Result<int> AxisOf(int64_t axis, int rank);
// How many of `dims` are not known.
int OpenDimensions(std::span<const int64_t> dims);
// Whether `value` is a constant matrix of 32-bit floats, as of a fully connected layer.
bool IsMatrix(const GraphValue& value);
// Whether `value` is a constant with one 32-bit float per column, as the bias of such a layer.
bool IsRowVector(const GraphValue& value, int64_t columns);

// ---- Operators that have one counterpart ----

struct OperatorName {
  std::string_view onnx;
  const char* framework;
};
// The framework's name of an operator, which must be among `names`.
const char* NameIn(std::span<const OperatorName> names, std::string_view onnx);

// ---- What single operators say ----

// Dropout: an error unless it leaves things as they are. Since opset 12 an input may say that the network is
// being trained.
Status CheckDropout(const GraphNode& node);
// Conv: an error unless weights of known shape, input 1, fit the channels of input 0 in the node's groups.
Status CheckGroups(const GraphNode& node);
// Transpose: which axis of the input each axis of the result is; without a word all are turned around.
Dims Permutation(const GraphNode& node);
// ReduceMean and its kin: the axes to reduce, counted from the front; none where the result is the input.
Result<Dims> ReducedAxes(const GraphNode& node);
// Gather: the constant indices, input 1, counted from the front of an axis of `size` places (-1: not known).
Result<Dims> ConstantIndices(const GraphNode& node, int64_t size);
// Pad: all begins, then all ends, for every axis of input 0.
Result<Dims> ReadPads(const GraphNode& node);
// Split: the sizes of the parts along `axis`, from the shapes the host inferred.
Result<Dims> PartSizes(const GraphNode& node, int axis);

// A Slice of one axis, as it is written: axis, start and end may count from the end, and be far outside.
struct Cut {
  int64_t axis = 0;
  int64_t start = 0;
  int64_t end = 0;
  int64_t step = 1;
};
// Slice: what is cut, axis by axis; the rank of input 0 is known.
Result<std::vector<Cut>> ReadCuts(const GraphNode& node);

// y = x * factor + offset, per channel.
struct Affine {
  std::vector<double> factor;
  std::vector<double> offset;
};
// BatchNormalization with statistics, scale and bias folded: (x - mean) / sqrt(variance + epsilon) * scale +
// bias. Inputs 1 to 4 must be constants of 32-bit floats and of one size.
Affine FoldBatchNormalization(const GraphNode& node);

}  // namespace sightline::kit
