// A network as TorchScript: source text and the constants it names.
//
// This is all the translation of operators makes, so that none of its files needs LibTorch's headers, which
// take 16 s and 0.8 GB to compile; module.cc turns a program into a module.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "backends/kit/graph.h"
#include "backends/kit/info.h"

namespace sightline::torch_backend {

using Dims = std::vector<int64_t>;

// A dense tensor, row-major: `data` lies in the graph it comes from, and so lives as long, or in `owned`.
struct Constant {
  std::string name;
  SlDataType type = SL_F32;
  Dims dims;
  const void* data = nullptr;
  std::shared_ptr<const std::vector<std::byte>> owned;
};

// Lines of the source that stand for one operator of the network, or for several that became one.
struct Layer {
  std::string name;  // of the first of them
  std::string type;  // "Conv+BatchNormalization"
  int first_line = 0;
  int last_line = -1;  // before first_line: it needs no computing
};

struct Program {
  std::string
      source;  // "def forward(self, v0): ...", taking the inputs in order and giving a list of outputs
  std::vector<Constant> constants;
  std::vector<Layer> layers;  // in the order they are computed
  std::vector<kit::TensorInfo> inputs;
  std::vector<kit::TensorInfo> outputs;
};

// ---- TorchScript's literals ----
std::string Literal(const Dims& values);  // "[1, 2]"
std::string Literal(double value);        // every float distinct; infinities too
std::string Literal(bool value);
template <typename Integer>
  requires std::is_integral_v<Integer>
std::string Literal(Integer value) {
  return std::to_string(value);
}
// Source text stays as it is.
inline std::string Literal(std::string_view text) {
  return std::string(text);
}
inline std::string Literal(const char* text) {
  return text;
}

// "torch.add(v1, v2)": an operator of the aten namespace.
template <typename... Arguments>
std::string Torch(std::string_view function, const Arguments&... arguments) {
  std::string list;
  ((list += (list.empty() ? "" : ", ") + Literal(arguments)), ...);
  return "torch." + std::string(function) + "(" + list + ")";
}

// How TorchScript numbers an element type (c10::ScalarType).
int ScalarTypeCode(SlDataType type);

// Writes a program line by line, and knows under which name each value of the graph is there.
class ProgramBuilder {
 public:
  // Makes `value` a parameter of the program.
  void AddInput(const kit::GraphValue& value);
  // The name of a value that was set, or of a constant, which is added to the program when first asked for.
  std::string Get(const kit::GraphValue& value);
  bool Has(const kit::GraphValue& value) const;
  // `expression` is computed here, under the value's name.
  void Set(const kit::GraphValue& value, const std::string& expression);
  // The value is another name for `name`: nothing is computed.
  void Alias(const kit::GraphValue& value, const std::string& name) { names_[value.index()] = name; }
  // `expression` is computed here, under a name of its own, which is returned.
  std::string Let(const std::string& expression);

  // Adds constants of the translation's own; returns what to call them in the source.
  std::string Floats(const Dims& dims, const std::vector<float>& values);
  std::string Integers(const Dims& dims, const Dims& values);

  // What is computed until LeaveLayer belongs to this layer.
  void EnterLayer(std::string name, std::string type);
  void LeaveLayer();

  // The program that gives `outputs`; this builder is done.
  Program Finish(const std::vector<std::string>& outputs);

 private:
  std::string AddConstant(Constant constant);
  void Line(const std::string& text);

  Program program_;
  std::string parameters_;
  std::string body_;
  std::map<int32_t, std::string> names_;
  int temporaries_ = 0;
  int lines_ = 1;  // "def forward" is the first
};

}  // namespace sightline::torch_backend
