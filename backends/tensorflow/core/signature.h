// The signatures of a SavedModel, out of its MetaGraphDef (tensorflow/core/protobuf/meta_graph.proto): which
// tensors a caller feeds and fetches, and how they are called.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "backends/kit/status.h"

namespace sightline::tensorflow {

struct SignatureTensor {
  std::string name;                          // the caller's word: "input_1"
  std::string tensor;                        // in the graph: "serving_default_input_1:0"
  int type = 0;                              // TF_DataType
  std::optional<std::vector<int64_t>> dims;  // open ones as -1; std::nullopt: rank not known
};

struct Signature {
  std::vector<SignatureTensor> inputs;  // both sorted by name
  std::vector<SignatureTensor> outputs;
};

// The signature called `wanted`; with "" "serving_default", or the only one there is. The error lists those
// that are there.
kit::Result<Signature> ReadSignature(std::string_view meta_graph_def, const std::string& wanted);

}  // namespace sightline::tensorflow
