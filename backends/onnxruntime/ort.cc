#include "backends/onnxruntime/ort.h"

#include <dlfcn.h>

#include <algorithm>
#include <cstdlib>

#include "backends/onnxruntime/library_path.h"
#include "backends/onnxruntime/messages.h"

namespace sightline::onnxruntime {
namespace {

constexpr int kOldestApi = 11;  // the first with CUDA options by name

// What ONNX Runtime would print is in the statuses it returns, too.
void ORT_API_CALL DropMessage(void*, OrtLoggingLevel, const char*, const char*, const char*, const char*) {}

// For calls whose failure changes nothing.
void Drop(const OrtApi& api, OrtStatus* status) {
  if (status != nullptr) api.ReleaseStatus(status);
}

std::vector<std::string> Providers(const OrtApi& api) {
  char** names = nullptr;
  int count = 0;
  if (OrtStatus* const failed = api.GetAvailableProviders(&names, &count); failed != nullptr) {
    api.ReleaseStatus(failed);
    return {"CPUExecutionProvider"};
  }
  std::vector<std::string> providers(names, names + count);
  Drop(api, api.ReleaseAvailableProviders(names, count));
  return providers;
}

using GetApiBase = const OrtApiBase* (*)();

// Local: its symbols are nobody else's.
kit::Result<const OrtApiBase*> OpenApiBase() {
  const std::string path = LibraryPath(std::getenv(kLibraryVariable), SIGHTLINE_ONNXRUNTIME_BUILT_IN);
  void* const handle = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (handle == nullptr) {
    const char* const reason = dlerror();
    return kit::Unavailable("ONNX Runtime can't be loaded (", reason == nullptr ? "no reason given" : reason,
                            "); run ./quickstart to install it, or name another library with ",
                            kLibraryVariable);
  }
  const auto entry = reinterpret_cast<GetApiBase>(dlsym(handle, "OrtGetApiBase"));
  if (entry != nullptr) return entry();
  return kit::Unavailable(path, " is no ONNX Runtime library: it has no OrtGetApiBase");
}

kit::Result<Library> Open() {
  KIT_ASSIGN_OR_RETURN(const OrtApiBase* const base, OpenApiBase());
  Library library;
  library.version = base->GetVersionString();
  library.api_version = std::min(ApiVersionOf(library.version), ORT_API_VERSION);
  if (library.api_version >= kOldestApi)
    library.api = base->GetApi(static_cast<uint32_t>(library.api_version));
  if (library.api == nullptr) {
    return kit::Unavailable("ONNX Runtime ", library.version, " can't be used: this plugin needs 1.",
                            kOldestApi, " or newer of major version 1");
  }
  const OrtApi& api = *library.api;
  OrtStatus* const failed =
      api.CreateEnvWithCustomLogger(DropMessage, nullptr, ORT_LOGGING_LEVEL_ERROR, "sightline", &library.env);
  if (failed != nullptr) {
    const std::string why = OneLine(api.GetErrorMessage(failed));
    api.ReleaseStatus(failed);
    return kit::Unavailable("ONNX Runtime ", library.version, " can't start: ", why);
  }
  Drop(api, api.DisableTelemetryEvents(library.env));  // what is measured here is nobody's business
  library.providers = Providers(api);
  return library;
}

const kit::Result<Library>& Opened() {
  static const auto* const opened =
      new kit::Result<Library>(Open());  // never destroyed: sessions may outlive it
  return *opened;
}

SlStatusCode CodeOf(OrtErrorCode code, std::string_view message) {
  if (SaysUnsupported(message)) return SL_UNSUPPORTED;
  if (SaysOutOfMemory(message)) return SL_RESOURCE_EXHAUSTED;
  switch (code) {
    case ORT_NO_SUCHFILE:
    case ORT_NO_MODEL:
      return SL_NOT_FOUND;
    case ORT_INVALID_ARGUMENT:
    case ORT_INVALID_PROTOBUF:
    case ORT_INVALID_GRAPH:
      return SL_INVALID_ARGUMENT;
    case ORT_NOT_IMPLEMENTED:
      return SL_UNSUPPORTED;
    default:
      return SL_INTERNAL;
  }
}

}  // namespace

bool Library::HasProvider(std::string_view name) const {
  return std::find(providers.begin(), providers.end(), name) != providers.end();
}

kit::Status OpenLibrary() {
  return Opened().status();
}

const Library& TheLibrary() {
  return Opened().value();
}

kit::Status ToStatus(OrtStatus* status) {
  if (status == nullptr) return kit::Ok();
  const OrtErrorCode code = Api().GetErrorCode(status);
  const std::string message = OneLine(Api().GetErrorMessage(status));
  Api().ReleaseStatus(status);
  return {CodeOf(code, message), message};
}

}  // namespace sightline::onnxruntime
