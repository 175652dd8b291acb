// Dense tensors. Types and layouts are those of the backend ABI, so that nothing is translated at that edge.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "include/sightline/backend_abi.h"
#include "src/base/result.h"

namespace sightline {

using DataType = SlDataType;
using Layout = SlLayout;

// A cache line, and the widest vector register: where memory of a tensor begins when a backend is to see it.
constexpr size_t kTensorAlignment = 64;

size_t DataTypeBytes(DataType type);
// "fp32", "bf16", "int8", ...: the words of the command line and of results.
std::string_view DataTypeName(DataType type);
std::string_view LayoutName(Layout layout);  // "plain", "nchw", "nhwc"

// Up to SL_MAX_RANK dimensions, inline.
struct Shape {
  int rank = 0;
  std::array<int64_t, SL_MAX_RANK> dims{};

  Shape() = default;
  Shape(std::initializer_list<int64_t> list);
  int64_t operator[](int i) const { return dims[static_cast<size_t>(i)]; }
  int64_t& operator[](int i) { return dims[static_cast<size_t>(i)]; }
  // Product of all dimensions; 0 if any is open (SL_DIM_BATCH, SL_DIM_DYNAMIC).
  int64_t elements() const;
  std::string ToString() const;  // "1x3x224x224"; open dimensions as "?"
  friend bool operator==(const Shape& a, const Shape& b);
};

// Name, type, layout and shape of a model's input or output. `shape` is in memory order.
struct TensorInfo {
  std::string name;
  DataType type = SL_F32;
  Layout layout = SL_LAYOUT_PLAIN;
  Shape shape;
};

// A tensor in somebody else's memory.
struct TensorView {
  void* data = nullptr;
  DataType type = SL_F32;
  Layout layout = SL_LAYOUT_PLAIN;
  Shape shape;

  size_t bytes() const { return static_cast<size_t>(shape.elements()) * DataTypeBytes(type); }
  float* f32() const { return static_cast<float*>(data); }
  // The `count` slices starting at `first` along the first dimension.
  TensorView Slice(int64_t first, int64_t count) const;
};

// Owns 64-byte aligned, zero-initialized memory.
class Tensor {
 public:
  Tensor() = default;
  // Memory that is not there ends the program: for sizes nobody outside chooses.
  Tensor(DataType type, Layout layout, const Shape& shape);
  // Fails with kResourceExhausted, naming the bytes, when the memory is not there.
  static Result<Tensor> Create(DataType type, Layout layout, const Shape& shape);
  const TensorView& view() const { return view_; }

 private:
  struct Free {
    void operator()(void* p) const;
  };
  bool Allocate(DataType type, Layout layout, const Shape& shape);  // false: no memory

  std::unique_ptr<void, Free> memory_;
  TensorView view_;
};

}  // namespace sightline
