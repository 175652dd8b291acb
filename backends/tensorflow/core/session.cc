#include "backends/tensorflow/core/session.h"

#include <cstring>
#include <utility>

#include "backends/tensorflow/core/step_stats.h"

namespace sightline::tensorflow {
namespace {

// The host owns the memory of a bound input.
void KeepMemory(void* /*data*/, size_t /*bytes*/, void* /*argument*/) {}

BufferPtr ToBuffer(const std::string& bytes) {
  return BufferPtr(TF_NewBufferFromString(bytes.data(), bytes.size()));
}

std::string DimsOf(const TF_Tensor* tensor) {
  std::vector<int64_t> dims(static_cast<size_t>(TF_NumDims(tensor)));
  for (size_t i = 0; i < dims.size(); ++i) dims[i] = TF_Dim(tensor, static_cast<int>(i));
  return kit::DimsText(dims.data(), static_cast<int>(dims.size()));
}

// Whether what TensorFlow made is what `wanted` has room for, but for dimensions the data decides.
bool SameShape(const TF_Tensor* made, const kit::TensorInfo& info, const SlTensor& wanted) {
  if (TF_NumDims(made) != wanted.rank) return false;
  for (int i = 0; i < wanted.rank; ++i) {
    const bool dynamic = info.dims[static_cast<size_t>(i)] == SL_DIM_DYNAMIC;
    if (!dynamic && TF_Dim(made, i) != wanted.dims[i]) return false;
  }
  return ToTensorFlow(wanted.data_type) == TF_TensorType(made);
}

size_t BytesOf(const SlTensor& tensor) {
  size_t bytes = kit::DataTypeBytes(tensor.data_type);
  for (int i = 0; i < tensor.rank; ++i) bytes *= static_cast<size_t>(tensor.dims[i]);
  return bytes;
}

}  // namespace

void SessionDeleter::operator()(TF_Session* session) const {
  const StatusPtr status = NewStatus();
  TF_CloseSession(session, status.get());
  TF_DeleteSession(session, status.get());
}

kit::Result<SessionOptionsPtr> MakeSessionOptions(const SessionSettings& settings) {
  SessionOptionsPtr options(TF_NewSessionOptions());
  const std::string config = ConfigBytes(settings);
  const StatusPtr status = NewStatus();
  TF_SetConfig(options.get(), config.data(), config.size(), status.get());
  KIT_RETURN_IF_ERROR(FromTensorFlow(*status));
  return options;
}

kit::Result<SessionPtr> OpenSession(TF_Graph* graph, const SessionSettings& settings) {
  KIT_ASSIGN_OR_RETURN(const SessionOptionsPtr options, MakeSessionOptions(settings));
  const StatusPtr status = NewStatus();
  SessionPtr session(TF_NewSession(graph, options.get(), status.get()));
  KIT_RETURN_IF_ERROR(FromTensorFlow(*status));
  return session;
}

kit::Result<std::vector<LibraryDevice>> ListDevices(const SessionSettings& settings) {
  const GraphPtr nothing(TF_NewGraph());
  KIT_ASSIGN_OR_RETURN(const SessionPtr session, OpenSession(nothing.get(), settings));
  const StatusPtr status = NewStatus();
  const DeviceListPtr list(TF_SessionListDevices(session.get(), status.get()));
  KIT_RETURN_IF_ERROR(FromTensorFlow(*status));
  std::vector<LibraryDevice> devices;
  for (int i = 0; i < TF_DeviceListCount(list.get()); ++i) {
    const char* name = TF_DeviceListName(list.get(), i, status.get());
    const char* type = TF_DeviceListType(list.get(), i, status.get());
    KIT_RETURN_IF_ERROR(FromTensorFlow(*status));
    devices.push_back({name, type});
  }
  return devices;
}

SessionRunner::SessionRunner(SessionPtr session, std::vector<TF_Output> feeds, std::vector<TF_Output> fetches,
                             std::vector<kit::TensorInfo> outputs, const SessionSettings& settings)
    : session_(std::move(session)),
      feeds_(std::move(feeds)),
      fetches_(std::move(fetches)),
      outputs_(std::move(outputs)),
      run_options_(ToBuffer(RunOptionsBytes(settings, false))),
      trace_options_(ToBuffer(RunOptionsBytes(settings, true))),
      status_(NewStatus()),
      fed_(feeds_.size(), nullptr),
      fetched_(fetches_.size(), nullptr) {}

// TensorFlow takes 64-byte aligned memory as it is, which the host promises; other memory it would copy by
// itself.
kit::Status SessionRunner::Bind(kit::Inputs inputs) {
  for (size_t i = 0; i < inputs.size(); ++i) {
    const SlTensor& input = inputs[i];
    fed_[i] = TF_NewTensor(KnownType(input.data_type), input.dims, input.rank, input.data, BytesOf(input),
                           KeepMemory, nullptr);
    if (fed_[i] == nullptr) return kit::Internal("TensorFlow could not take input ", i, " as a tensor");
  }
  return kit::Ok();
}

kit::Status SessionRunner::Compute(const TF_Buffer* options, TF_Buffer* metadata) {
  TF_SessionRun(session_.get(), options, feeds_.data(), fed_.data(), static_cast<int>(feeds_.size()),
                fetches_.data(), fetched_.data(), static_cast<int>(fetches_.size()), nullptr, 0, metadata,
                status_.get());
  return FromTensorFlow(*status_);
}

kit::Status SessionRunner::CheckOutput(size_t i, const SlTensor& wanted) const {
  const TF_Tensor* made = fetched_[i];
  const std::string& name = outputs_[i].name;
  if (!SameShape(made, outputs_[i], wanted)) {
    return kit::InvalidArgument("output '", name, "' came out as ", DimsOf(made), ", not as ",
                                kit::DimsText(wanted.dims, wanted.rank));
  }
  if (TF_TensorByteSize(made) <= wanted.bytes) return kit::Ok();
  return kit::ResourceExhausted("output '", name, "' came out as ", DimsOf(made), ", which needs ",
                                TF_TensorByteSize(made), " bytes of memory; it has ", wanted.bytes);
}

kit::Status SessionRunner::Collect(kit::Outputs outputs) {
  for (size_t i = 0; i < outputs.size(); ++i) KIT_RETURN_IF_ERROR(CheckOutput(i, outputs[i]));
  for (size_t i = 0; i < outputs.size(); ++i) {
    for (int d = 0; d < outputs[i].rank; ++d) outputs[i].dims[d] = TF_Dim(fetched_[i], d);
    std::memcpy(outputs[i].data, TF_TensorData(fetched_[i]), TF_TensorByteSize(fetched_[i]));
  }
  return kit::Ok();
}

void SessionRunner::Release() {
  for (auto* list : {&fed_, &fetched_}) {
    for (TF_Tensor*& tensor : *list) TF_DeleteTensor(std::exchange(tensor, nullptr));
  }
}

kit::Status SessionRunner::Run(kit::Inputs inputs, kit::Outputs outputs, kit::SpanRecorder& spans) {
  kit::Status status;
  {
    const kit::ScopedSpan span(spans, SL_SUB_STAGE_BIND);
    status = Bind(inputs);
  }
  if (status.ok()) {
    const kit::ScopedSpan span(spans, SL_SUB_STAGE_COMPUTE);
    status = Compute(run_options_.get(), nullptr);
  }
  const kit::ScopedSpan span(spans, SL_SUB_STAGE_COLLECT);
  if (status.ok()) status = Collect(outputs);
  Release();
  return status;
}

kit::Status SessionRunner::Profile(kit::Inputs inputs, kit::Outputs outputs, const kit::LayerSink& sink) {
  const BufferPtr metadata(TF_NewBuffer());
  kit::Status status = Bind(inputs);
  if (status.ok()) status = Compute(trace_options_.get(), metadata.get());
  if (status.ok()) status = Collect(outputs);
  Release();
  KIT_RETURN_IF_ERROR(status);
  for (const kit::LayerTime& layer :
       ReadLayerTimes({static_cast<const char*>(metadata->data), metadata->length})) {
    sink(layer);
  }
  return kit::Ok();
}

}  // namespace sightline::tensorflow
