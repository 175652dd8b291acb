#include "backends/tensorflow/core/layout.h"

#include <algorithm>
#include <cstddef>
#include <string>

#include "backends/kit/info.h"
#include "backends/kit/onnx_nodes.h"
#include "backends/tensorflow/core/transpose.h"

namespace sightline::tensorflow {
namespace {

// Channels-last axis i is ONNX axis result[i].
Dims ChannelsLastPermutation(int rank) {
  Dims permutation(static_cast<size_t>(rank));
  for (int axis = 0; axis < rank; ++axis)
    permutation[static_cast<size_t>(ChannelsLastAxis(axis, rank))] = axis;
  return permutation;
}

Dims OnnxPermutation(int rank) {
  Dims permutation(static_cast<size_t>(rank));
  for (int axis = 0; axis < rank; ++axis)
    permutation[static_cast<size_t>(axis)] = ChannelsLastAxis(axis, rank);
  return permutation;
}

Dims Copy(std::span<const int64_t> dims) {
  return {dims.begin(), dims.end()};
}

}  // namespace

int ChannelsLastAxis(int onnx_axis, int rank) {
  if (onnx_axis == 0) return 0;
  return onnx_axis >= rank - 2 ? onnx_axis - (rank - 3) : onnx_axis + 2;
}

Dims ToChannelsLast(std::span<const int64_t> onnx_dims) {
  Dims dims;
  for (const int64_t axis : ChannelsLastPermutation(static_cast<int>(onnx_dims.size()))) {
    dims.push_back(onnx_dims[static_cast<size_t>(axis)]);
  }
  return dims;
}

bool OrdersCoincide(std::span<const int64_t> onnx_dims) {
  const size_t rank = onnx_dims.size();
  const bool one_pixel = onnx_dims[rank - 1] == 1 && onnx_dims[rank - 2] == 1;
  const bool one_channel =
      std::all_of(onnx_dims.begin() + 1, onnx_dims.end() - 2, [](int64_t d) { return d == 1; });
  return one_pixel || one_channel;
}

void ValueTable::Set(const kit::GraphValue& value, Order order, TF_Output output) {
  outputs_[{value.index(), order}] = output;
}

void ValueTable::SetFlat(const kit::GraphValue& value, TF_Output output, Dims picture) {
  Set(value, Order::kFlat, output);
  pictures_[value.index()] = std::move(picture);
}

bool ValueTable::Has(const kit::GraphValue& value, Order order) const {
  return outputs_.contains({value.index(), order});
}

TF_Output ValueTable::Get(const kit::GraphValue& value, Order order) {
  const auto found = outputs_.find({value.index(), order});
  if (found != outputs_.end()) return found->second;
  const TF_Output made = value.is_constant() ? MakeConstant(value, order) : Make(value, order);
  Set(value, order, made);
  return made;
}

TF_Output ValueTable::Make(const kit::GraphValue& value, Order order) {
  if (order == Order::kOnnx && Has(value, Order::kFlat)) return Unflatten(value);
  const bool to_onnx = order == Order::kOnnx;
  const TF_Output from = Get(value, to_onnx ? Order::kChannelsLast : Order::kOnnx);
  const std::string name = to_onnx ? "to_onnx_order" : "to_channels_last";
  if (OrdersCoincide(value.dims()) && kit::OpenDimensions(value.dims()) <= 1) {
    return builder_.Reshape(from, to_onnx ? Copy(value.dims()) : ToChannelsLast(value.dims()), name);
  }
  return builder_.Transpose(
      from, to_onnx ? OnnxPermutation(value.rank()) : ChannelsLastPermutation(value.rank()), name);
}

TF_Output ValueTable::Unflatten(const kit::GraphValue& value) {
  const Dims& picture = pictures_.at(value.index());
  const TF_Output lying = builder_.Reshape(Get(value, Order::kFlat), ToChannelsLast(picture), "unflatten");
  const TF_Output turned =
      builder_.Transpose(lying, OnnxPermutation(static_cast<int>(picture.size())), "to_onnx_order");
  return builder_.Reshape(turned, value.dims(), "flatten");
}

TF_Output ValueTable::MakeConstant(const kit::GraphValue& value, Order order) {
  const TF_DataType type = KnownType(value.type());
  if (order == Order::kOnnx)
    return builder_.Constant("constant", type, value.dims(), value.data(), value.bytes());
  const std::vector<std::byte> turned = TransposeBytes(value.data(), kit::DataTypeBytes(value.type()),
                                                       value.dims(), ChannelsLastPermutation(value.rank()));
  return builder_.Constant("constant", type, ToChannelsLast(value.dims()), turned.data(), turned.size());
}

}  // namespace sightline::tensorflow
