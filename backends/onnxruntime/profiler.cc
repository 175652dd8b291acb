#include "backends/onnxruntime/profiler.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <system_error>
#include <utility>

#include "backends/onnxruntime/profile_file.h"

namespace sightline::onnxruntime {
namespace {

namespace fs = std::filesystem;

// A folder of its own, gone with the object.
class TemporaryFolder {
 public:
  static kit::Result<TemporaryFolder> Make() {
    std::error_code error;
    const fs::path parent = fs::temp_directory_path(error);
    std::string path = (parent / "sightline_profile_XXXXXX").string();
    if (error || mkdtemp(path.data()) == nullptr) {
      return kit::Unavailable("no folder for ONNX Runtime's profile can be made in ", parent.string(),
                              "; set TMPDIR to one where files can be written");
    }
    return TemporaryFolder(path);
  }
  TemporaryFolder(TemporaryFolder&& other) noexcept : path_(std::exchange(other.path_, fs::path())) {}
  TemporaryFolder& operator=(TemporaryFolder&&) = delete;
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  ~TemporaryFolder() {
    std::error_code ignored;
    if (!path_.empty()) fs::remove_all(path_, ignored);
  }

  std::string Prefix() const { return (path_ / "run").string(); }

 private:
  explicit TemporaryFolder(fs::path path) : path_(std::move(path)) {}

  fs::path path_;
};

// What the session has written of its runs; it writes no more afterwards.
kit::Result<std::string> EndProfiling(OrtSession* session) {
  OrtAllocator* allocator = nullptr;
  ORT_RETURN_IF_ERROR(Api().GetAllocatorWithDefaultOptions(&allocator));
  char* name = nullptr;
  ORT_RETURN_IF_ERROR(Api().SessionEndProfiling(session, allocator, &name));
  const fs::path file = name;
  ORT_RETURN_IF_ERROR(Api().AllocatorFree(allocator, name));
  std::ostringstream text;
  text << std::ifstream(file, std::ios::binary).rdbuf();
  return text.str();
}

}  // namespace

kit::Status Profiler::Profile(Runner& runner, kit::Inputs inputs, kit::Outputs outputs,
                              const kit::LayerSink& sink, const IsCancelled& cancelled) const {
  KIT_ASSIGN_OR_RETURN(const TemporaryFolder folder, TemporaryFolder::Make());
  KIT_ASSIGN_OR_RETURN(const SessionPtr session, OpenSession(model_, settings_, folder.Prefix()));
  kit::SpanRecorder nowhere(nullptr);
  KIT_RETURN_IF_ERROR(runner.Run(session.get(), inputs, outputs, nowhere, cancelled));
  const int64_t begin_ns = kit::NowNs();
  KIT_RETURN_IF_ERROR(runner.Run(session.get(), inputs, outputs, nowhere, cancelled));
  KIT_ASSIGN_OR_RETURN(const std::string trace, EndProfiling(session.get()));
  KIT_ASSIGN_OR_RETURN(const std::vector<kit::LayerTime> layers, LastRunOf(trace, begin_ns));
  for (const kit::LayerTime& layer : layers) sink(layer);
  return kit::Ok();
}

}  // namespace sightline::onnxruntime
