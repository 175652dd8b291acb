#include "src/flow/tensor.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>

#include "src/base/check.h"

namespace sightline {
namespace {

struct TypeFacts {
  DataType type;
  size_t bytes;
  std::string_view name;
};
constexpr TypeFacts kTypes[] = {
    {SL_F32, 4, "fp32"},  {SL_F16, 2, "fp16"}, {SL_BF16, 2, "bf16"},
    {SL_I8, 1, "int8"},   {SL_U8, 1, "uint8"}, {SL_I32, 4, "int32"},
    {SL_I64, 8, "int64"}, {SL_F64, 8, "fp64"}, {SL_BOOL, 1, "bool"},
};

const TypeFacts& FactsOf(DataType type) {
  const auto* facts =
      std::find_if(std::begin(kTypes), std::end(kTypes), [&](const auto& f) { return f.type == type; });
  SIGHTLINE_CHECK(facts != std::end(kTypes));
  return *facts;
}

}  // namespace

size_t DataTypeBytes(DataType type) {
  return FactsOf(type).bytes;
}
std::string_view DataTypeName(DataType type) {
  return FactsOf(type).name;
}

std::string_view LayoutName(Layout layout) {
  switch (layout) {
    case SL_LAYOUT_PLAIN:
      return "plain";
    case SL_LAYOUT_NCHW:
      return "nchw";
    case SL_LAYOUT_NHWC:
      return "nhwc";
  }
  return "unknown";
}

Shape::Shape(std::initializer_list<int64_t> list) : rank(static_cast<int>(list.size())) {
  SIGHTLINE_CHECK(list.size() <= SL_MAX_RANK);
  std::copy(list.begin(), list.end(), dims.begin());
}

int64_t Shape::elements() const {
  int64_t product = 1;
  for (int i = 0; i < rank; ++i) {
    if ((*this)[i] < 0) return 0;
    product *= (*this)[i];
  }
  return product;
}

std::string Shape::ToString() const {
  std::string text;
  for (int i = 0; i < rank; ++i) {
    if (i > 0) text += 'x';
    text += (*this)[i] < 0 ? "?" : std::to_string((*this)[i]);
  }
  return text;
}

bool operator==(const Shape& a, const Shape& b) {
  return a.rank == b.rank && std::equal(a.dims.begin(), a.dims.begin() + a.rank, b.dims.begin());
}

TensorView TensorView::Slice(int64_t first, int64_t count) const {
  SIGHTLINE_CHECK(shape.rank > 0 && first >= 0 && count > 0 && first + count <= shape[0]);
  TensorView slice = *this;
  slice.shape[0] = count;
  const size_t one = bytes() / static_cast<size_t>(shape[0]);
  slice.data = static_cast<uint8_t*>(data) + static_cast<size_t>(first) * one;
  return slice;
}

void Tensor::Free::operator()(void* p) const {
  std::free(p);
}

Tensor::Tensor(DataType type, Layout layout, const Shape& shape) {
  SIGHTLINE_CHECK(Allocate(type, layout, shape));
}

Result<Tensor> Tensor::Create(DataType type, Layout layout, const Shape& shape) {
  Tensor tensor;
  if (tensor.Allocate(type, layout, shape)) return tensor;
  return Error(ErrorKind::kResourceExhausted,
               "a tensor of " + shape.ToString() + " takes " + std::to_string(shape.elements()) + " x " +
                   std::to_string(DataTypeBytes(type)) + " bytes, which this machine does not give");
}

bool Tensor::Allocate(DataType type, Layout layout, const Shape& shape) {
  view_ = {nullptr, type, layout, shape};
  const size_t bytes = std::max<size_t>(view_.bytes(), 1);
  const size_t rounded = (bytes + kTensorAlignment - 1) / kTensorAlignment * kTensorAlignment;
  memory_.reset(std::aligned_alloc(kTensorAlignment, rounded));
  if (memory_ == nullptr) return false;
  std::memset(memory_.get(), 0, rounded);
  view_.data = memory_.get();
  return true;
}

}  // namespace sightline
