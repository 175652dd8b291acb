// What Backend, Engine and Instance hold. Private to the room.
#pragma once

#include <atomic>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "src/backend/abi_values.h"
#include "src/backend/backend.h"

namespace sightline::backend {

struct Backend::Impl {
  SlBackend table;
  BackendInfo info;
};

// Destroys the handle first, then lets go of what keeps its code alive.
struct Engine::Impl {
  Impl(std::shared_ptr<Backend> owner, const SlBackend& functions, SlEngine* engine, std::string where)
      : backend(std::move(owner)), table(functions), handle(engine), context(std::move(where)) {}
  ~Impl() { table.engine_destroy(handle); }
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;

  std::shared_ptr<Backend> backend;
  const SlBackend& table;  // of `backend`
  SlEngine* handle;
  std::string context;  // "backend opencv, model 'x'", in front of errors
  EngineInfo info;
  bool dynamic_outputs = false;  // any of them has a SL_DIM_DYNAMIC
  std::atomic<int32_t> instances_made = 0;
};

// Inputs and outputs of one call, as the ABI wants them.
struct RunTensors {
  AbiTensors inputs;
  AbiTensors outputs;

  Status Set(const EngineInfo& info, std::span<const TensorView> in, std::span<const TensorView> out) {
    SIGHTLINE_RETURN_IF_ERROR(inputs.Set(in, info.inputs, "input"));
    return outputs.Set(out, info.outputs, "output");
  }
};

// The run_async in flight: the ABI's arrays live here until `done`. Waits on destruction for the callback.
class AsyncRun {
 public:
  AsyncRun() = default;
  ~AsyncRun();
  AsyncRun(const AsyncRun&) = delete;
  AsyncRun& operator=(const AsyncRun&) = delete;

  RunTensors tensors;
  RunDone done;
  // Callbacks between the beginning of a run and their return.
  void Enter();
  void Leave();

 private:
  std::mutex mutex_;
  std::condition_variable left_;
  int inside_ = 0;
};

struct Instance::Impl {
  Impl(std::shared_ptr<Engine> owner, const Engine::Impl& of, SlInstance* instance)
      : engine(std::move(owner)), engine_impl(of), handle(instance) {}
  ~Impl() {
    async.reset();
    engine_impl.table.instance_destroy(handle);
  }
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;

  // The options of the run that begins now.
  SlRunOptions BeginRun() {
    const uint64_t id = next_run.fetch_add(1);
    running = id;
    return {sizeof(SlRunOptions), id};
  }
  void EndRun() { running = 0; }
  static void AsyncDone(void* user, SlStatusCode status, const SlError* error, const SlRunReport* report);

  std::shared_ptr<Engine> engine;
  const Engine::Impl& engine_impl;  // of `engine`
  SlInstance* handle;
  std::atomic<uint64_t> next_run = 1;
  std::atomic<uint64_t> running = 0;  // 0: no run is in progress
  std::unique_ptr<AsyncRun> async;    // made by the first RunAsync
};

}  // namespace sightline::backend
