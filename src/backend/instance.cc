// Runs: tensors cross the ABI, every run gets its id.
#include <fmt/format.h>

#include <string_view>
#include <vector>

#include "src/backend/abi_values.h"
#include "src/backend/backend.h"
#include "src/backend/impl.h"
#include "src/base/check.h"

namespace sightline::backend {
namespace {

// Whoever does not ask for shapes would take the room given for what was written.
Status CheckShapesWanted(bool dynamic_outputs, size_t asked, std::string_view context) {
  if (asked > 0 || !dynamic_outputs) return OkStatus();
  return Error(
      ErrorKind::kInvalidArgument,
      fmt::format("{}: the shape of an output is decided by the data; ask for the shapes written", context));
}

}  // namespace

AsyncRun::~AsyncRun() {
  std::unique_lock lock(mutex_);
  left_.wait(lock, [this] { return inside_ == 0; });
}

void AsyncRun::Enter() {
  const std::lock_guard lock(mutex_);
  ++inside_;
}

void AsyncRun::Leave() {
  const std::lock_guard lock(mutex_);
  --inside_;
  left_.notify_all();  // under the lock: the destructor may be the one who waits
}

Instance::Instance(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Instance::~Instance() = default;

Status Instance::Run(std::span<const TensorView> inputs, std::span<const TensorView> outputs,
                     SlRunReport* report, std::span<Shape> shapes) {
  const Engine::Impl& engine = impl_->engine_impl;
  SIGHTLINE_CHECK(shapes.empty() || shapes.size() == outputs.size());
  RunTensors tensors;
  SIGHTLINE_RETURN_IF_ERROR(tensors.Set(engine.info, inputs, outputs));
  SIGHTLINE_RETURN_IF_ERROR(CheckShapesWanted(engine.dynamic_outputs, shapes.size(), engine.context));
  if (report != nullptr) {
    report->struct_size = sizeof *report;
    report->span_count = 0;
  }
  SlError error;  // a kilobyte, of which only the first byte is cleared: this is inside every measurement
  error.message[0] = '\0';
  const SlRunOptions options = impl_->BeginRun();
  const SlStatusCode code =
      engine.table.run(impl_->handle, &options, tensors.inputs.data(), tensors.inputs.count(),
                       tensors.outputs.data(), tensors.outputs.count(), report, &error);
  impl_->EndRun();
  if (code != SL_OK) return ToError(code, error, engine.context);
  return tensors.outputs.ReadShapes(shapes);
}

void Instance::Impl::AsyncDone(void* user, SlStatusCode status, const SlError* error,
                               const SlRunReport* report) {
  auto& self = *static_cast<Impl*>(user);
  AsyncRun& run = *self.async;
  const std::string& context = self.engine_impl.context;
  std::vector<Shape> shapes;
  Status end = OkStatus();
  if (status == SL_OK) {
    shapes.resize(static_cast<size_t>(run.tensors.outputs.count()));
    end = run.tensors.outputs.ReadShapes(shapes);
  } else {
    end = ToError(status, error == nullptr ? SlError{} : *error, context);
  }
  const SlRunReport none{sizeof none, 0, {}};
  const RunDone done = std::move(run.done);  // the next run, perhaps begun by this callback, has its own
  self.EndRun();
  done({end, report == nullptr ? none : *report,
        end.ok() ? std::span<const Shape>(shapes) : std::span<const Shape>()});
  run.Leave();
}

Status Instance::RunAsync(std::span<const TensorView> inputs, std::span<const TensorView> outputs,
                          RunDone done) {
  const Engine::Impl& engine = impl_->engine_impl;
  if (engine.table.run_async == nullptr) {
    return Error(ErrorKind::kUnsupported,
                 fmt::format("{}: this backend can't run asynchronously", engine.context));
  }
  if (impl_->running != 0) {
    return Error(ErrorKind::kInvalidArgument,
                 fmt::format("{}: a run of this instance is still in progress", engine.context));
  }
  if (impl_->async == nullptr) impl_->async = std::make_unique<AsyncRun>();
  AsyncRun& run = *impl_->async;
  SIGHTLINE_RETURN_IF_ERROR(run.tensors.Set(engine.info, inputs, outputs));
  run.done = std::move(done);
  run.Enter();
  const SlRunOptions options = impl_->BeginRun();
  SlError error{};
  const SlStatusCode code = engine.table.run_async(
      impl_->handle, &options, run.tensors.inputs.data(), run.tensors.inputs.count(),
      run.tensors.outputs.data(), run.tensors.outputs.count(), Impl::AsyncDone, impl_.get(), &error);
  if (code == SL_OK) return OkStatus();
  impl_->EndRun();
  run.Leave();
  return ToError(code, error, engine.context);
}

uint64_t Instance::next_run() const {
  return impl_->next_run;
}

void Instance::Cancel(uint64_t run) {
  const auto cancel = impl_->engine_impl.table.cancel;
  if (cancel != nullptr && run != 0) cancel(impl_->handle, run);
}

void Instance::Cancel() {
  Cancel(impl_->running);
}

Status Instance::Profile(std::span<const TensorView> inputs, std::span<const TensorView> outputs,
                         const std::function<void(const LayerTime&)>& sink) {
  const Engine::Impl& engine = impl_->engine_impl;
  if (engine.table.profile == nullptr) {
    return Error(ErrorKind::kUnsupported,
                 fmt::format("{}: this backend can't give times per layer", engine.context));
  }
  RunTensors tensors;
  SIGHTLINE_RETURN_IF_ERROR(tensors.Set(engine.info, inputs, outputs));
  const SlLayerSink forward = [](void* user, const SlLayerTime* layer) {
    const SlLayerTime read = ReadPrefix(*layer);
    (*static_cast<const std::function<void(const LayerTime&)>*>(user))(
        {read.name == nullptr ? "" : read.name, read.type == nullptr ? "" : read.type, read.duration_ns,
         read.begin_ns, read.call_count});
  };
  SlError error{};
  const SlRunOptions options = impl_->BeginRun();
  const SlStatusCode code = engine.table.profile(
      impl_->handle, &options, tensors.inputs.data(), tensors.inputs.count(), tensors.outputs.data(),
      tensors.outputs.count(), forward, const_cast<std::function<void(const LayerTime&)>*>(&sink), &error);
  impl_->EndRun();
  return code == SL_OK ? OkStatus() : ToError(code, error, engine.context);
}

}  // namespace sightline::backend
