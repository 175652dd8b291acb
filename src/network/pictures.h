// Whether a node keeps the pictures of a batch apart, and where the batch lies in a value.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "onnx/onnx_pb.h"
#include "src/base/result.h"
#include "src/network/draft.h"
#include "src/network/shape_inference.h"

namespace sightline::network {

// The dimensions of a value that grows with the batch; std::nullopt when it does not, or nobody knows.
std::optional<std::vector<Dim>> BatchDims(const ShapeInference& shapes, const std::string& value);
// The axis that holds the batch; std::nullopt when there is none or more than one.
std::optional<size_t> BatchAxis(const std::vector<Dim>& dims);
// How many elements lie before `axis` per element of it.
int64_t ProductBefore(const std::vector<Dim>& dims, size_t axis);

// "node 'a' (Op) <why>: use the batch the file has, ..."
Error CantFollow(const onnx::NodeProto& node, std::string_view why);

// Of a node of `opened`, whose batch is open, with its outputs inferred in `shapes`: fails, naming the node,
// unless each picture's results come of that picture alone, as many for each.
Status CheckKeepsPicturesApart(const onnx::NodeProto& node, const Draft& opened,
                               const ShapeInference& shapes);

}  // namespace sightline::network
