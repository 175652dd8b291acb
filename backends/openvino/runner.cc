#include "backends/openvino/runner.h"

#include <algorithm>
#include <cstring>
#include <openvino/runtime/exception.hpp>
#include <span>

#include "backends/openvino/reader.h"
#include "backends/openvino/types.h"

namespace sightline::openvino_backend {
namespace {

bool SameShape(const ov::Shape& shape, const SlTensor& tensor) {
  return std::ranges::equal(shape, std::span(tensor.dims, static_cast<size_t>(tensor.rank)),
                            [](size_t a, int64_t b) { return a == static_cast<size_t>(b); });
}

}  // namespace

Runner::Runner(ov::CompiledModel& model, const Description& description)
    : description_(description),
      request_(model.create_infer_request()),
      inputs_(description.info.inputs.size()),
      outputs_(description.info.outputs.size()) {}

void Runner::Bind(kit::Inputs inputs, kit::Outputs outputs) {
  // True where `bound` is no longer what `tensor` says; then it is made so.
  const auto changed = [](Bound& bound, const SlTensor& tensor) {
    if (bound.data == tensor.data && SameShape(bound.shape, tensor)) return false;
    bound = {tensor.data, ov::Shape(tensor.dims, tensor.dims + tensor.rank)};
    return true;
  };
  for (size_t i = 0; i < inputs.size(); ++i) {
    if (!changed(inputs_[i], inputs[i])) continue;
    request_.set_input_tensor(description_.input_ports[i],
                              ov::Tensor(ToOpenVino(inputs[i].data_type), inputs_[i].shape, inputs[i].data));
  }
  for (size_t i = 0; i < outputs.size(); ++i) {
    if (description_.info.outputs[i].dynamic() || !changed(outputs_[i], outputs[i])) continue;
    request_.set_output_tensor(description_.output_ports[i], ov::Tensor(ToOpenVino(outputs[i].data_type),
                                                                        outputs_[i].shape, outputs[i].data));
  }
}

// Outputs whose shape the data decides are OpenVINO's own memory until now.
kit::Status Runner::Collect(kit::Outputs outputs) {
  for (size_t i = 0; i < outputs.size(); ++i) {
    const kit::TensorInfo& info = description_.info.outputs[i];
    if (!info.dynamic()) continue;
    const ov::Tensor tensor = request_.get_output_tensor(description_.output_ports[i]);
    const ov::Shape& shape = tensor.get_shape();
    if (shape.size() > SL_MAX_RANK || tensor.get_byte_size() > outputs[i].bytes) {
      return kit::ResourceExhausted("output '", info.name, "' needs ", tensor.get_byte_size(),
                                    " bytes of memory and has ", outputs[i].bytes);
    }
    std::memcpy(outputs[i].data, tensor.data(), tensor.get_byte_size());
    outputs[i].rank = static_cast<int32_t>(shape.size());
    std::copy(shape.begin(), shape.end(), outputs[i].dims);
  }
  return kit::Ok();
}

kit::Status Runner::Run(kit::Inputs inputs, kit::Outputs outputs, kit::SpanRecorder& spans,
                        const std::function<bool()>& cancelled) {
  try {
    {
      const kit::ScopedSpan span(spans, SL_SUB_STAGE_BIND);
      Bind(inputs, outputs);
    }
    {
      const kit::ScopedSpan span(spans, SL_SUB_STAGE_COMPUTE);
      request_.start_async();
      if (cancelled()) request_.cancel();
      request_.wait();
    }
    const kit::ScopedSpan span(spans, SL_SUB_STAGE_COLLECT);
    return Collect(outputs);
  } catch (const ov::Cancelled&) {
    return kit::Cancelled();
  } catch (const std::exception& exception) {
    return FromException(exception, SL_INTERNAL);
  }
}

void Runner::Cancel() {
  try {
    request_.cancel();
  } catch (const std::exception&) {
    return;  // the run has ended as it did
  }
}

}  // namespace sightline::openvino_backend
