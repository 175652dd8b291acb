// A network as an ONNX graph: the one reader of ONNX in the program. Everybody downstream (counts, backends,
// the profiler) sees the normalized form this room makes, so that they agree on what the network is.
//
// Normalized: default-domain opset kept as written; every value's type and shape inferred; constants folded
// (Constant nodes, and what moves constants or computes shapes; a folded constant that shapes need is a few
// numbers, so arithmetic on tensors above 65,536 elements stays in the graph, as does what only repeats a
// constant, or would store more than twice the file's own constants); Identity and Dropout removed; every
// node named uniquely; `auto_pad` replaced by explicit `pads` where the size of the input is known;
// `kernel_shape` of convolutions written down; weights are initializers and not inputs; nodes in topological
// order; the batch is dimension 0 of every input, called "N" where it is open.
//
// Read are opsets 7 to 17 in files of one piece. An operator nobody knows is no error here: its output's type
// and shape are what the file declares, or unknown, and the backend that can't run it names it. The same goes
// for control flow (If, Loop, Scan). Sizes that can't be are an error that names the node.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "include/sightline/backend_abi.h"
#include "src/base/result.h"

namespace onnx {
class ModelProto;
}

namespace sightline::network {

// Counting convention: a MAC is one multiply with its add. Counted are Conv, ConvTranspose, Gemm and MatMul;
// biases, batch norm, activations and pooling are not (as TF-slim and torchvision count). Parameters are the
// elements of all floating-point initializers that a layer trains: weights, biases, batch-norm gamma and
// beta; batch-norm mean and variance are statistics and not counted. Bytes are of the tensors as stored
// (activations: outputs of the layer).
struct LayerCost {
  std::string name;
  std::string op_type;
  std::string output_shape;  // "1x32x112x112"
  int64_t parameters = 0;
  int64_t macs = 0;
  int64_t weight_bytes = 0;
  int64_t input_bytes = 0;   // activations read
  int64_t output_bytes = 0;  // activations written
};

struct NetworkCost {
  std::vector<LayerCost> layers;  // in execution order
  int64_t parameters = 0;
  int64_t macs = 0;
  int64_t weight_bytes = 0;
  int64_t activation_bytes = 0;  // sum of output_bytes
};

// Owns the model. Movable, not copyable; const functions may be called from several threads.
class Network {
 public:
  // Reads and normalizes. Errors say what is wrong with which file, node and operator.
  static Result<Network> FromFile(const std::filesystem::path& path);
  // Takes over `model`. `name` is for messages.
  static Result<Network> FromModel(std::unique_ptr<onnx::ModelProto> model, const std::string& name);

  Network(Network&&) noexcept;
  Network& operator=(Network&&) noexcept;
  ~Network();

  const std::string& name() const;
  int opset() const;
  // Dimension 0 of the first input; std::nullopt when open, 0 when it has no dimension.
  std::optional<int64_t> batch() const;
  // With all weights; they are shared with networks made from this one, so do not const_cast.
  const onnx::ModelProto& model() const;

  // A network equal to this one but for its batch: dimension 0 of every input becomes `batch` (std::nullopt:
  // open), also where the file was exported with batch 1 baked into Reshape constants. Weights are shared
  // with this network. Fails with the node's name where a batch can't be changed (a node that mixes pictures
  // of a batch).
  Result<Network> WithBatch(std::optional<int64_t> batch) const;

  // Applies rewrites that a backend declared in SlBackendInfo.rewrites, in the room's own order (rewrites.h
  // says what each does); the result computes the same values. Fails on an unknown name and, naming the node,
  // where a rewrite has no equal.
  Result<Network> WithRewrites(std::span<const std::string> names) const;

  // Counted for batch 1 where the batch is open, else for the batch it has.
  NetworkCost Cost() const;

  // Serialized ModelProto, for backends that take SL_MODEL_ONNX. Deterministic: same network, same bytes.
  Result<std::string> Serialize() const;

  // The flat view for backends that take SL_MODEL_GRAPH; owned by this object, built on first use.
  const SlGraph& Graph() const;

 private:
  struct Impl;
  explicit Network(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

// Names WithRewrites knows, for `doctor` and tests.
std::vector<std::string> KnownRewrites();

}  // namespace sightline::network
