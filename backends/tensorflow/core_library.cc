#include "backends/tensorflow/core_library.h"

#include <dlfcn.h>

#include <filesystem>
#include <string>
#include <string_view>

#include "backends/kit/spans.h"
#include "backends/kit/stderr_capture.h"

namespace sightline::tensorflow {
namespace {

// Beside the plugin this code is in.
std::filesystem::path CorePath() {
  Dl_info here{};
  if (dladdr(reinterpret_cast<const void*>(&OpenCore), &here) == 0 || here.dli_fname == nullptr) return {};
  return std::filesystem::path(here.dli_fname).parent_path() / SIGHTLINE_TENSORFLOW_CORE;
}

kit::Result<const CoreApi*> Open() {
  const std::string path = CorePath().string();
  // Local: TensorFlow's half a million symbols must not answer for other libraries'.
  // While it is loaded it praises oneDNN on stderr, before anybody can ask it not to.
  kit::StderrCapture words;
  void* library = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr) {
    const char* reason = dlerror();
    const std::string said = words.Take();
    return kit::Unavailable("TensorFlow can't be loaded (", reason == nullptr ? "no reason given" : reason,
                            said.empty() ? "" : "; it said: ", said,
                            "); run ./quickstart to install it and build again");
  }
  auto* entry = reinterpret_cast<CoreEntryPoint>(dlsym(library, kCoreEntryPoint));
  if (entry == nullptr) return kit::Unavailable(path, " is not the core of this plugin; build again");
  const CoreApi* core = entry();
  if (std::string_view(core->version()) != SIGHTLINE_TENSORFLOW_VERSION) {
    return kit::Unavailable("TensorFlow ", core->version(), " was found, but this plugin was built for ",
                            SIGHTLINE_TENSORFLOW_VERSION, "; run ./quickstart to build it again");
  }
  return core;
}

}  // namespace

kit::Result<OpenedCore> OpenCore() {
  bool first = false;
  const int64_t begin_ns = kit::NowNs();
  static const kit::Result<const CoreApi*> opened = [&] {
    first = true;
    return Open();
  }();
  if (!opened.ok()) return opened.status();
  return OpenedCore{*opened, first ? kit::NowNs() - begin_ns : 0};
}

}  // namespace sightline::tensorflow
