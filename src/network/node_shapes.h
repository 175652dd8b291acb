// The shapes around one node, for those who check that they fit together.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "fmt/format.h"
#include "src/base/result.h"
#include "src/network/draft.h"
#include "src/network/shape_inference.h"

namespace sightline::network {

// Borrows node and shapes.
class NodeShapes {
 public:
  NodeShapes(const onnx::NodeProto& node, const ShapeInference& shapes) : node_(node), shapes_(shapes) {}

  // The type of input `index`; nothing known where there is no such input.
  ValueType InputType(int index) const {
    return HasInput(node_, index) ? shapes_.Find(node_.input(index)) : ValueType{};
  }
  // Dimension `axis` of input `index`; unknown where there is no such input or dimension.
  Dim Input(int index, size_t axis) const {
    const ValueType type = InputType(index);
    return type.dims && axis < type.dims->size() ? (*type.dims)[axis] : Dim{};
  }
  std::optional<int64_t> InputRank(int index) const {
    const ValueType type = InputType(index);
    return type.dims ? std::optional(static_cast<int64_t>(type.dims->size())) : std::nullopt;
  }
  int64_t Attribute(std::string_view name, int64_t default_value) const {
    return IntAttribute(node_, name, default_value);
  }

  Status Expect(const Dim& actual, int64_t wanted, std::string_view what) const {
    if (!actual.known() || actual.value == wanted) return OkStatus();
    return Refuse(fmt::format("{} has size {} and should have {}", what, actual.value, wanted));
  }

  // `why`: what does not fit, as the end of a sentence.
  Status Refuse(std::string_view why) const {
    return Error(ErrorKind::kInvalidArgument,
                 fmt::format("{}: its inputs do not fit together: {}", NodeLabel(node_), why));
  }

  const onnx::NodeProto& node() const { return node_; }
  const ShapeInference& shapes() const { return shapes_; }

 private:
  const onnx::NodeProto& node_;
  const ShapeInference& shapes_;
};

}  // namespace sightline::network
