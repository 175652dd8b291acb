// Host side of the backend ABI: finds plugins, loads them, checks their version, and wraps engines and
// instances so that the rest of the program never sees a raw function table.
#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "include/sightline/backend_abi.h"
#include "src/base/result.h"
#include "src/flow/tensor.h"
#include "src/network/network.h"

namespace sightline::backend {

class Backend;

// SlBackendInfo copied into C++ types.
struct BackendInfo {
  std::string name;
  std::string framework;
  std::string framework_version;
  std::string framework_build;
  uint64_t features = 0;
  uint32_t precisions = 0;
  uint32_t layouts = 0;
  uint32_t model_kinds = 0;
  int max_onnx_opset = 0;
  std::vector<std::string> file_formats;
  std::vector<std::string> rewrites;
  struct Option {
    std::string key, values, default_value, help;
  };
  std::vector<Option> options;
  struct Device {
    std::string id, name;
    int64_t memory_bytes = -1;
  };
  std::vector<Device> devices;
  std::string sanitizer;
};

// A plugin that was looked for, found or not.
struct BackendEntry {
  std::string name;
  std::filesystem::path library;  // empty: not built
  std::string how_to_get;         // for a missing one: the sentence that says how to get it
};

// Every backend this version knows, in a fixed order, with the library file where there is one; then every
// other plugin (libsightline_backend_NAME.so) that lies there, by name. Looks into the folders of
// SIGHTLINE_BACKEND_PATH (colon-separated), then `backends/` beside this library. Loads nothing.
std::vector<BackendEntry> FindBackends();

struct EngineOptions {
  std::string device = "cpu";
  DataType precision = SL_F32;
  int intra_threads = 0;  // 0: the framework's own choice
  int inter_threads = 0;
  int max_batch = 1;
  int instance_count = 1;
  bool profile = false;
  std::map<std::string, std::string> options;
};

// SlEngineInfo copied into C++ types.
struct EngineInfo {
  std::vector<TensorInfo> inputs;
  std::vector<TensorInfo> outputs;
  DataType precision_run = SL_F32;
  std::string precision_note;
  int intra_threads = 0;
  int inter_threads = 0;
  int64_t load_ns = 0;
  int64_t compile_ns = 0;
  int64_t framework_load_ns = 0;  // 0: the framework was there before this engine
};

// What is to be loaded: an ONNX network, or a file in a format of the framework's own. The host chooses the
// way in (graph or ONNX bytes) by what the backend takes and applies the rewrites it declares.
struct ModelSource {
  std::string name;
  const network::Network* network = nullptr;  // not owned; needed during CreateEngine only
  std::filesystem::path file;                 // used when `network` is null
};

// SlLayerTime; the views live during the call.
struct LayerTime {
  std::string_view name;
  std::string_view type;
  int64_t duration_ns = 0;
  int64_t begin_ns = 0;  // 0: not known
  int call_count = 0;    // 0: not known
};

// The end of a RunAsync. Everything but `status` lives during the call only.
struct RunEnd {
  Status status;
  const SlRunReport& report;
  std::span<const Shape> shapes;  // of what was written, one for each output; empty on errors
};
using RunDone = std::function<void(const RunEnd&)>;

// One running copy. One run at a time, whichever function makes it; Cancel may come from any thread
// meanwhile. Keeps its engine and backend alive. The destructor waits until the callback of a RunAsync has
// returned, so it is not for that callback to call.
class Instance {
 public:
  ~Instance();
  Instance(const Instance&) = delete;
  Instance& operator=(const Instance&) = delete;

  // As SlBackend::run; allocates nothing. `report` may be null. An output whose shape the data decides
  // (SL_DIM_DYNAMIC) comes with the largest shape there is room for; `shapes`, one for each output, then gets
  // what was written and must not be left out.
  Status Run(std::span<const TensorView> inputs, std::span<const TensorView> outputs,
             SlRunReport* report = nullptr, std::span<Shape> shapes = {});
  // As Run, but returns at once and tells the end to `done`, on any thread, perhaps before it returns. The
  // memory of the tensors lives until then; the views need not. An error means that nothing was begun and
  // `done` is not called. `done` may begin the next run.
  Status RunAsync(std::span<const TensorView> inputs, std::span<const TensorView> outputs, RunDone done);
  // One inference, with the time of each layer into `sink` (this thread). Needs EngineOptions::profile.
  Status Profile(std::span<const TensorView> inputs, std::span<const TensorView> outputs,
                 const std::function<void(const LayerTime&)>& sink);

  // The id the next run will have. Ids are never used again.
  uint64_t next_run() const;
  // Makes that run, in progress or not begun yet, end early with kCancelled where the backend can; no other
  // run is touched. Any thread.
  void Cancel(uint64_t run);
  // The same for the run in progress, if there is one.
  void Cancel();

 private:
  friend class Engine;
  struct Impl;
  explicit Instance(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

class Engine : public std::enable_shared_from_this<Engine> {
 public:
  ~Engine();
  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;

  const EngineInfo& info() const;
  // Any thread.
  Result<std::unique_ptr<Instance>> CreateInstance();

 private:
  friend class Backend;
  friend class Instance;
  struct Impl;
  explicit Engine(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

// A loaded plugin. Never unloaded: frameworks don't survive dlclose.
class Backend : public std::enable_shared_from_this<Backend> {
 public:
  // By name ("tensorflow"); loads the library once per process. A name nobody knows suggests the nearest; a
  // known one that was not built says how to get it.
  static Result<std::shared_ptr<Backend>> Load(std::string_view name);
  // A given library file, for tests and plugins from elsewhere.
  static Result<std::shared_ptr<Backend>> LoadLibrary(const std::filesystem::path& library);
  // A table linked into this process, for tests. `table` lives as long as the program.
  static Result<std::shared_ptr<Backend>> FromTable(const SlBackend* table);

  ~Backend();
  const BackendInfo& info() const;
  Result<std::shared_ptr<Engine>> CreateEngine(const ModelSource& model, const EngineOptions& options);

 private:
  struct Impl;
  explicit Backend(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace sightline::backend
