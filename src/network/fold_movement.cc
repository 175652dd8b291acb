// Operators that move values and compute none.
#include <algorithm>
#include <cstdint>
#include <numeric>
#include <string_view>

#include "src/network/fold.h"
#include "src/network/tensor_data.h"

namespace sightline::network {
namespace {

using Ints = std::vector<int64_t>;
using Planner = std::optional<Movement> (*)(const MoveInputs&);

int64_t Rank(const Ints& dims) {
  return static_cast<int64_t>(dims.size());
}

// Negative axes count from the end; std::nullopt when out of range.
std::optional<size_t> Axis(int64_t axis, int64_t rank) {
  if (axis < 0) axis += rank;
  if (axis < 0 || axis >= rank) return std::nullopt;
  return static_cast<size_t>(axis);
}

Ints Strides(const Ints& dims) {
  Ints strides(dims.size(), 1);
  for (size_t i = dims.size(); i-- > 1;) strides[i - 1] = strides[i] * dims[i];
  return strides;
}

// Fills `source` for an output of `dims` where output index i along axis k reads `start[k] + i * step[k]`
// elements on.
std::optional<Movement> Strided(Ints dims, const Ints& step, int64_t start, int64_t largest) {
  const auto count = ElementCount(dims);
  if (!count || *count > largest) return std::nullopt;
  Movement movement{std::move(dims), {}, false};
  movement.source.resize(static_cast<size_t>(*count));
  Ints index(movement.dims.size(), 0);
  int64_t offset = start;
  for (int64_t& source : movement.source) {
    source = offset;
    for (size_t axis = index.size(); axis-- > 0;) {
      offset += step[axis];
      if (++index[axis] < movement.dims[axis]) break;
      offset -= step[axis] * movement.dims[axis];
      index[axis] = 0;
    }
  }
  return movement;
}

Movement InPlace(Ints dims) {
  return {std::move(dims), {}, true};
}

// The integers of input `index`; nullptr when it is absent or not known.
const Ints* Operand(const MoveInputs& in, size_t index) {
  if (index >= in.operand.size()) return nullptr;
  const std::optional<Ints>& operand = in.operand[index];
  return operand ? &*operand : nullptr;
}

// Axes from the attribute (before opset 13) or the second input.
std::optional<Ints> Axes(const MoveInputs& in) {
  if (in.operand.size() > 1) return in.operand[1];
  if (FindAttribute(in.node, "axes") == nullptr) return std::nullopt;
  return IntsAttribute(in.node, "axes");
}

std::optional<Movement> PlanReshape(const MoveInputs& in) {
  const Ints* operand = Operand(in, 1);
  if (operand == nullptr) return std::nullopt;
  Ints target = *operand;
  const int64_t count = ElementCount(in.dims[0]).value_or(-1);
  const bool zero_is_zero = IntAttribute(in.node, "allowzero", 0) != 0;
  int64_t others = 1;
  int64_t* open = nullptr;
  for (size_t i = 0; i < target.size(); ++i) {
    if (target[i] == 0 && !zero_is_zero) {
      if (i >= in.dims[0].size()) return std::nullopt;
      target[i] = in.dims[0][i];
    }
    if (target[i] == -1) {
      open = &target[i];
    } else if (__builtin_mul_overflow(others, target[i], &others)) {
      return std::nullopt;
    }
  }
  if (open != nullptr && others > 0) *open = count / others;
  if (ElementCount(target) != count) return std::nullopt;
  return InPlace(std::move(target));
}

std::optional<Movement> PlanFlatten(const MoveInputs& in) {
  const Ints& dims = in.dims[0];
  int64_t axis = IntAttribute(in.node, "axis", 1);
  if (axis < 0) axis += Rank(dims);
  if (axis < 0 || axis > Rank(dims)) return std::nullopt;
  const auto middle = dims.begin() + axis;
  const int64_t outer = std::accumulate(dims.begin(), middle, int64_t{1}, std::multiplies<>());
  const int64_t inner = std::accumulate(middle, dims.end(), int64_t{1}, std::multiplies<>());
  return InPlace({outer, inner});
}

std::optional<Movement> PlanSqueeze(const MoveInputs& in) {
  const Ints& dims = in.dims[0];
  std::vector<bool> drop(dims.size(), false);
  const bool all_ones = in.operand.size() < 2 && FindAttribute(in.node, "axes") == nullptr;
  if (all_ones) {
    for (size_t i = 0; i < dims.size(); ++i) drop[i] = dims[i] == 1;
  } else {
    const std::optional<Ints> axes = Axes(in);
    if (!axes) return std::nullopt;
    for (const int64_t axis : *axes) {
      const auto at = Axis(axis, Rank(dims));
      if (!at || dims[*at] != 1) return std::nullopt;
      drop[*at] = true;
    }
  }
  Ints kept;
  for (size_t i = 0; i < dims.size(); ++i) {
    if (!drop[i]) kept.push_back(dims[i]);
  }
  return InPlace(std::move(kept));
}

std::optional<Movement> PlanUnsqueeze(const MoveInputs& in) {
  const std::optional<Ints> axes = Axes(in);
  if (!axes) return std::nullopt;
  const int64_t rank = Rank(in.dims[0]) + Rank(*axes);
  std::vector<bool> added(static_cast<size_t>(rank), false);
  for (const int64_t axis : *axes) {
    const auto at = Axis(axis, rank);
    if (!at || added[*at]) return std::nullopt;
    added[*at] = true;
  }
  Ints dims;
  auto next = in.dims[0].begin();
  for (const bool one : added) dims.push_back(one ? 1 : *next++);
  return InPlace(std::move(dims));
}

std::optional<Movement> PlanTranspose(const MoveInputs& in) {
  const Ints& dims = in.dims[0];
  Ints reversed(dims.size());
  std::iota(reversed.rbegin(), reversed.rend(), int64_t{0});
  const Ints perm = IntsAttribute(in.node, "perm", reversed);
  if (perm.size() != dims.size()) return std::nullopt;
  const Ints strides = Strides(dims);
  Ints new_dims;
  Ints step;
  for (const int64_t axis : perm) {
    const auto at = Axis(axis, Rank(dims));
    if (!at) return std::nullopt;
    new_dims.push_back(dims[*at]);
    step.push_back(strides[*at]);
  }
  return Strided(std::move(new_dims), step, 0, in.largest);
}

// Start, end and step of each sliced axis, from inputs (opset 10) or attributes.
struct SliceSpec {
  Ints starts, ends, axes, steps;
};

std::optional<SliceSpec> ReadSlice(const MoveInputs& in) {
  SliceSpec spec;
  if (in.opset < 10) {
    spec = {
        IntsAttribute(in.node, "starts"), IntsAttribute(in.node, "ends"), IntsAttribute(in.node, "axes"), {}};
  } else {
    const Ints* starts = Operand(in, 1);
    const Ints* ends = Operand(in, 2);
    const Ints* axes = Operand(in, 3);
    const Ints* steps = Operand(in, 4);
    const bool all_known = starts != nullptr && ends != nullptr &&
                           (axes != nullptr || !HasInput(in.node, 3)) &&
                           (steps != nullptr || !HasInput(in.node, 4));
    if (!all_known) return std::nullopt;
    spec = {*starts, *ends, axes == nullptr ? Ints{} : *axes, steps == nullptr ? Ints{} : *steps};
  }
  if (spec.axes.empty()) {
    spec.axes.resize(spec.starts.size());
    std::iota(spec.axes.begin(), spec.axes.end(), int64_t{0});
  }
  if (spec.steps.empty()) spec.steps.assign(spec.starts.size(), 1);
  const size_t count = spec.starts.size();
  if (spec.ends.size() != count || spec.axes.size() != count || spec.steps.size() != count)
    return std::nullopt;
  return spec;
}

std::optional<Movement> PlanSlice(const MoveInputs& in) {
  const std::optional<SliceSpec> spec = ReadSlice(in);
  if (!spec) return std::nullopt;
  Ints dims = in.dims[0];
  Ints step = Strides(dims);
  int64_t start_offset = 0;
  std::vector<bool> sliced(dims.size(), false);
  for (size_t i = 0; i < spec->starts.size(); ++i) {
    const auto axis = Axis(spec->axes[i], Rank(dims));
    const int64_t by = spec->steps[i];
    if (!axis || sliced[*axis] || by == 0 || by == INT64_MIN) return std::nullopt;
    sliced[*axis] = true;
    const int64_t size = in.dims[0][*axis];
    if (size == 0) return std::nullopt;
    // ONNX: negative bounds count from the end, then bounds are clamped to what is there.
    const auto clamp = [size](int64_t bound, int64_t low, int64_t high) {
      return std::clamp(bound < 0 ? bound + size : bound, low, high);
    };
    const int64_t start = by > 0 ? clamp(spec->starts[i], 0, size) : clamp(spec->starts[i], 0, size - 1);
    const int64_t end = by > 0 ? clamp(spec->ends[i], 0, size) : clamp(spec->ends[i], -1, size - 1);
    const int64_t span = by > 0 ? end - start : start - end;
    const int64_t stride = by > 0 ? by : -by;
    dims[*axis] = span <= 0 ? 0 : 1 + (span - 1) / stride;
    start_offset += start * step[*axis];
    step[*axis] *= dims[*axis] > 1 ? by : 0;
  }
  return Strided(std::move(dims), step, start_offset, in.largest);
}

std::optional<Movement> PlanGather(const MoveInputs& in) {
  const Ints& dims = in.dims[0];
  const auto axis = Axis(IntAttribute(in.node, "axis", 0), Rank(dims));
  const Ints* indices = Operand(in, 1);
  if (!axis || in.dims.size() < 2 || indices == nullptr) return std::nullopt;
  const auto middle = dims.begin() + static_cast<int64_t>(*axis);
  const int64_t outer = std::accumulate(dims.begin(), middle, int64_t{1}, std::multiplies<>());
  const int64_t inner = std::accumulate(middle + 1, dims.end(), int64_t{1}, std::multiplies<>());
  Movement movement;
  movement.dims.assign(dims.begin(), middle);
  movement.dims.insert(movement.dims.end(), in.dims[1].begin(), in.dims[1].end());
  movement.dims.insert(movement.dims.end(), middle + 1, dims.end());
  const auto count = ElementCount(movement.dims);
  if (!count || *count > in.largest) return std::nullopt;
  if (*count == 0) return movement;  // `outer` may be anything then
  for (int64_t o = 0; o < outer; ++o) {
    for (const int64_t index : *indices) {
      const auto at = Axis(index, *middle);
      if (!at) return std::nullopt;
      const int64_t begin = (o * *middle + static_cast<int64_t>(*at)) * inner;
      for (int64_t i = 0; i < inner; ++i) movement.source.push_back(begin + i);
    }
  }
  return movement;
}

std::optional<Movement> PlanConcat(const MoveInputs& in) {
  Ints dims = in.dims[0];
  const auto axis = Axis(IntAttribute(in.node, "axis", 0), Rank(dims));
  if (!axis) return std::nullopt;
  dims[*axis] = 0;
  for (const Ints& piece : in.dims) {
    if (piece.size() != dims.size()) return std::nullopt;
    dims[*axis] += piece[*axis];
  }
  const auto count = ElementCount(dims);
  if (!count || *count > in.largest) return std::nullopt;
  if (*count == 0) return Movement{std::move(dims), {}, false};  // `outer` may be anything then
  const auto middle = dims.begin() + static_cast<int64_t>(*axis);
  const int64_t outer = std::accumulate(dims.begin(), middle, int64_t{1}, std::multiplies<>());
  Movement movement;
  for (int64_t o = 0; o < outer; ++o) {
    int64_t piece_begin = 0;
    for (const Ints& piece : in.dims) {
      const int64_t elements = ElementCount(piece).value_or(0);
      const int64_t run = outer == 0 ? 0 : elements / outer;
      for (int64_t i = 0; i < run; ++i) movement.source.push_back(piece_begin + o * run + i);
      piece_begin += elements;
    }
  }
  if (static_cast<int64_t>(movement.source.size()) != *count) return std::nullopt;
  movement.dims = std::move(dims);
  return movement;
}

// Of a result that holds its input more than once.
int64_t LargestRepeated(const MoveInputs& in) {
  const int64_t count = ElementCount(in.dims[0]).value_or(0);
  return std::min(in.largest, std::max(count, kLargestSmallTensor));
}

std::optional<Movement> PlanExpand(const MoveInputs& in) {
  const Ints* shape = Operand(in, 1);
  if (shape == nullptr) return std::nullopt;
  const Ints& from = in.dims[0];
  Ints to = *shape;
  if (to.size() < from.size()) to.insert(to.begin(), from.size() - to.size(), 1);
  const Ints strides = Strides(from);
  Ints step(to.size(), 0);
  const size_t offset = to.size() - from.size();
  for (size_t i = 0; i < from.size(); ++i) {
    int64_t& dim = to[offset + i];
    if (dim == 1) dim = from[i];
    if (from[i] != 1 && from[i] != dim) return std::nullopt;
    step[offset + i] = from[i] == 1 ? 0 : strides[i];
  }
  return Strided(std::move(to), step, 0, LargestRepeated(in));
}

std::optional<Movement> PlanTile(const MoveInputs& in) {
  const Ints& from = in.dims[0];
  const Ints* repeats = Operand(in, 1);
  if (repeats == nullptr || repeats->size() != from.size()) return std::nullopt;
  // Interleave (repeat, dim) pairs: the repeats do not move in the source. Then forget the pairs.
  const Ints strides = Strides(from);
  Ints pairs;
  Ints step;
  Ints dims;
  for (size_t i = 0; i < from.size(); ++i) {
    const int64_t repeat = (*repeats)[i];
    if (repeat < 0) return std::nullopt;
    pairs.insert(pairs.end(), {repeat, from[i]});
    step.insert(step.end(), {0, strides[i]});
    dims.push_back(0);
    if (__builtin_mul_overflow(repeat, from[i], &dims.back())) return std::nullopt;
  }
  std::optional<Movement> movement = Strided(std::move(pairs), step, 0, LargestRepeated(in));
  if (movement) movement->dims = std::move(dims);
  return movement;
}

struct MovingOperator {
  std::string_view op_type;
  int data_inputs;  // -1: all
  Planner plan;
};

constexpr MovingOperator kMovingOperators[] = {
    {"Reshape", 1, PlanReshape},     {"Flatten", 1, PlanFlatten}, {"Squeeze", 1, PlanSqueeze},
    {"Unsqueeze", 1, PlanUnsqueeze}, {"Slice", 1, PlanSlice},     {"Transpose", 1, PlanTranspose},
    {"Gather", 1, PlanGather},       {"Concat", -1, PlanConcat},  {"Expand", 1, PlanExpand},
    {"Tile", 1, PlanTile},
};

const MovingOperator* FindMovingOperator(const onnx::NodeProto& node) {
  const auto* found =
      std::find_if(std::begin(kMovingOperators), std::end(kMovingOperators),
                   [&node](const MovingOperator& op) { return op.op_type == node.op_type(); });
  return found == std::end(kMovingOperators) ? nullptr : found;
}

}  // namespace

bool IsMovement(const onnx::NodeProto& node) {
  return FindMovingOperator(node) != nullptr;
}

int DataInputs(const onnx::NodeProto& node) {
  const int data_inputs = FindMovingOperator(node)->data_inputs;
  return data_inputs < 0 ? node.input_size() : data_inputs;
}

std::optional<Movement> PlanMovement(const MoveInputs& inputs) {
  int64_t given = 0;
  for (int i = 0; i < DataInputs(inputs.node); ++i) {
    const auto count = static_cast<size_t>(i) < inputs.dims.size()
                           ? ElementCount(inputs.dims[static_cast<size_t>(i)])
                           : std::nullopt;
    if (!count || __builtin_add_overflow(given, *count, &given)) return std::nullopt;
  }
  std::optional<Movement> movement = FindMovingOperator(inputs.node)->plan(inputs);
  if (!movement) return std::nullopt;
  if (movement->in_place && given > inputs.largest) return std::nullopt;
  const auto out_of_range = [given](int64_t source) { return source < 0 || source >= given; };
  if (std::any_of(movement->source.begin(), movement->source.end(), out_of_range)) return std::nullopt;
  return movement;
}

}  // namespace sightline::network
