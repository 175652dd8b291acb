// Where plugins lie.
#include <dlfcn.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <system_error>

#include "src/backend/backend.h"
#include "src/base/text.h"

namespace sightline::backend {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kPrefix = "libsightline_backend_";
constexpr std::string_view kSuffix = ".so";

struct KnownBackend {
  std::string_view name;
  std::string_view how_to_get;
};
constexpr std::array<KnownBackend, 9> kKnown = {{
    {"tensorflow",
     "the TensorFlow wheel was not there when Sightline was built; run ./quickstart, which installs it and "
     "builds "
     "again"},
    {"opencv",
     "it was not built; run ./quickstart, which installs OpenCV from Debian's packages and builds again"},
    {"openvino",
     "OpenVINO was not there when Sightline was built; run ./quickstart, which installs it and builds again, "
     "or name the folder of its OpenVINOConfig.cmake to CMake as OpenVINO_DIR"},
    {"torch",
     "LibTorch was not there when Sightline was built; run ./quickstart, which installs Debian's "
     "libtorch-dev "
     "and builds again"},
    {"onnxruntime",
     "ONNX Runtime was not there when Sightline was built; run ./quickstart, which installs it and builds "
     "again, or name a folder with its include/ and lib/ to CMake as ONNXRUNTIME_ROOT"},
    {"tensorrt",
     "TensorRT with headers was not there when Sightline was built; install it and build again, or name a "
     "folder with its include/ and lib/ to CMake as TENSORRT_ROOT"},
    {"litert", "this version of Sightline has no plugin for LiteRT; backend openvino opens .tflite files"},
    {"ncnn", "this version of Sightline has no plugin for ncnn"},
    {"null", "it was not built; run ./quickstart, which builds it"},
}};

// `backends/` beside the library (or program) this code is in.
fs::path OwnFolder() {
  Dl_info own{};
  if (dladdr(reinterpret_cast<const void*>(&FindBackends), &own) == 0 || own.dli_fname == nullptr) return {};
  std::error_code ignored;
  const fs::path file = fs::absolute(own.dli_fname, ignored);
  return file.parent_path() / "backends";
}

std::vector<fs::path> Folders() {
  std::vector<fs::path> folders;
  if (const char* path = std::getenv("SIGHTLINE_BACKEND_PATH"); path != nullptr) {
    for (const std::string& folder : Split(path, ':')) {
      if (!folder.empty()) folders.emplace_back(folder);
    }
  }
  folders.push_back(OwnFolder());
  return folders;
}

// "opencv" of ".../libsightline_backend_opencv.so"; "" for another file.
std::string NameOf(const fs::path& library) {
  const std::string file = library.filename().string();
  if (file.size() <= kPrefix.size() + kSuffix.size()) return "";
  if (!file.starts_with(kPrefix) || !file.ends_with(kSuffix)) return "";
  return file.substr(kPrefix.size(), file.size() - kPrefix.size() - kSuffix.size());
}

// Every plugin by name; of two with one name, the one in the earlier folder.
std::map<std::string, fs::path> Libraries() {
  std::map<std::string, fs::path> libraries;
  for (const fs::path& folder : Folders()) {
    std::error_code unreadable;  // a folder that is not there holds no plugins
    for (fs::directory_iterator entry(folder, unreadable), end; !unreadable && entry != end;
         entry.increment(unreadable)) {
      const std::string name = NameOf(entry->path());
      if (!name.empty()) libraries.try_emplace(name, entry->path());
    }
  }
  return libraries;
}

}  // namespace

std::vector<BackendEntry> FindBackends() {
  std::map<std::string, fs::path> libraries = Libraries();
  std::vector<BackendEntry> entries;
  for (const KnownBackend& known : kKnown) {
    BackendEntry entry{std::string(known.name), {}, {}};
    if (auto found = libraries.extract(entry.name); !found.empty()) {
      entry.library = found.mapped();
    } else {
      entry.how_to_get = known.how_to_get;
    }
    entries.push_back(std::move(entry));
  }
  for (const auto& [name, library] : libraries) entries.push_back({name, library, {}});
  return entries;
}

}  // namespace sightline::backend
