// The C API of ONNX Runtime and its objects with owners. The library is opened when the plugin is, once, and
// asked for the newest version of the API that both it and the headers know: the API only ever grows at its
// end, so headers of one version and a library of another work together.
#pragma once

#include <onnxruntime_c_api.h>

#include <memory>
#include <string>
#include <vector>

#include "backends/kit/status.h"

namespace sightline::onnxruntime {

// What was found. Lives as long as the process.
struct Library {
  const OrtApi* api = nullptr;
  int api_version = 0;  // functions added later are not in `api`
  std::string version;  // of the library: "1.31.1"
  OrtEnv* env = nullptr;
  std::vector<std::string> providers;  // execution providers, as ONNX Runtime names them

  bool HasProvider(std::string_view name) const;
};

// Opens the library. The error says what is wrong with it. Thread-safe.
kit::Status OpenLibrary();

// What was opened. Only after OpenLibrary succeeded, which Backend::Available sees to.
const Library& TheLibrary();
inline const OrtApi& Api() {
  return *TheLibrary().api;
}

// The error in `status` as one sentence; releases it. Null is success.
kit::Status ToStatus(OrtStatus* status);

#define ORT_RETURN_IF_ERROR(call) KIT_RETURN_IF_ERROR(::sightline::onnxruntime::ToStatus(call))

// Releases an object by the function of the API that is for it.
template <auto kRelease>
struct Releaser {
  template <typename T>
  void operator()(T* object) const {
    (Api().*kRelease)(object);
  }
};

using SessionPtr = std::unique_ptr<OrtSession, Releaser<&OrtApi::ReleaseSession>>;
using SessionOptionsPtr = std::unique_ptr<OrtSessionOptions, Releaser<&OrtApi::ReleaseSessionOptions>>;
using RunOptionsPtr = std::unique_ptr<OrtRunOptions, Releaser<&OrtApi::ReleaseRunOptions>>;
using MemoryInfoPtr = std::unique_ptr<OrtMemoryInfo, Releaser<&OrtApi::ReleaseMemoryInfo>>;
using ValuePtr = std::unique_ptr<OrtValue, Releaser<&OrtApi::ReleaseValue>>;
using TypeInfoPtr = std::unique_ptr<OrtTypeInfo, Releaser<&OrtApi::ReleaseTypeInfo>>;
using ShapeInfoPtr =
    std::unique_ptr<OrtTensorTypeAndShapeInfo, Releaser<&OrtApi::ReleaseTensorTypeAndShapeInfo>>;

}  // namespace sightline::onnxruntime
