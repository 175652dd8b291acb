// Reshape targets that depend on the batch, said the ONNX way: 0 copies a dimension, -1 takes what is left.
#pragma once

#include <optional>
#include <string>
#include <unordered_set>
#include <vector>

#include "onnx/onnx_pb.h"
#include "src/network/draft.h"
#include "src/network/shape_inference.h"
#include "src/network/small_tensor.h"

namespace sightline::network {

// The operand of a Reshape from `input` to `output` that holds for every batch; std::nullopt when it takes
// more than one -1.
std::optional<std::vector<int64_t>> ReshapeTarget(const std::vector<Dim>& input,
                                                  const std::vector<Dim>& output);

// Gives a Reshape whose target is computed from shapes, or whose constant target leaves the batch to a -1, a
// constant target as above; shape inference and backends see through that best. Leaves other nodes alone.
// `names`: all names of values; a new constant's name joins them.
void MakeTargetConstant(onnx::NodeProto& node, Draft& draft, const ShapeInference& shapes,
                        const KnownTensors& known, std::unordered_set<std::string>& names);

// Makes `values` the second input of `node`, as a constant of its own unless it has them already.
void SetShapeOperand(onnx::NodeProto& node, const std::vector<int64_t>& values, Draft& draft,
                     std::unordered_set<std::string>& names);

}  // namespace sightline::network
