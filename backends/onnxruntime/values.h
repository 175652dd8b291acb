// The tensors of a run as ONNX Runtime's values, without copies.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "backends/kit/kit.h"
#include "backends/onnxruntime/ort.h"

namespace sightline::onnxruntime {

// Values over the caller's memory, kept from run to run while the memory and the shape stay the same. Not
// thread-safe: one per instance.
class Values {
 public:
  explicit Values(const std::vector<kit::TensorInfo>& infos);

  // Makes value i stand over tensors[i].
  kit::Status BindInputs(std::span<const SlTensor> tensors, const OrtMemoryInfo* memory) {
    return Bind(tensors, memory, false);
  }
  // The same, but null where the data decides the shape: ONNX Runtime allocates that.
  kit::Status BindOutputs(std::span<const SlTensor> tensors, const OrtMemoryInfo* memory) {
    return Bind(tensors, memory, true);
  }
  // For OrtApi::Run, which fills in what was null.
  OrtValue** data() { return raw_.data(); }
  size_t size() const { return raw_.size(); }

  bool any_dynamic() const { return any_dynamic_; }
  // Copies what ONNX Runtime allocated to where the caller asked, sets rank and dims, and frees it.
  kit::Status Collect(std::span<SlTensor> tensors);
  // Frees what ONNX Runtime allocated in a run that failed.
  void DropAllocated();

 private:
  kit::Status Bind(std::span<const SlTensor> tensors, const OrtMemoryInfo* memory, bool leave_dynamic);

  struct Bound {
    ValuePtr value;
    SlTensor over{};  // what `value` stands over
    bool dynamic = false;
    std::string name;
  };
  std::vector<Bound> bound_;
  std::vector<OrtValue*> raw_;
  bool any_dynamic_ = false;
};

}  // namespace sightline::onnxruntime
