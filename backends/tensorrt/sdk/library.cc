#include "backends/tensorrt/sdk/library.h"

#include <dlfcn.h>

#include <string>

namespace sightline::tensorrt {
namespace {

// What the headers' own inline functions call, so that the plugin needn't be linked to the libraries.
struct EntryPoints {
  void* (*create_builder)(void* logger, int32_t version) = nullptr;
  void* (*create_runtime)(void* logger, int32_t version) = nullptr;
  void* (*create_parser)(void* network, void* logger, int version) = nullptr;
  Version version;
};

kit::Result<void*> OpenOne(const char* stem) {
  const std::string name = kit::Text(stem, ".so.", NV_TENSORRT_MAJOR);
  void* library = dlopen(kit::Text(SIGHTLINE_TENSORRT_FOLDER, "/", name).c_str(), RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr) library = dlopen(name.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (library != nullptr) return library;
  return kit::Unavailable("TensorRT can't be loaded (", dlerror(), "); install TensorRT ",
                          kBuiltVersion.Text(), " or build Sightline again with the one that is there");
}

template <typename Function>
kit::Status Find(void* library, const char* name, Function& function) {
  function = reinterpret_cast<Function>(dlsym(library, name));
  if (function != nullptr) return kit::Ok();
  return kit::Unavailable("TensorRT's library has no function ", name);
}

kit::Result<EntryPoints> Open() {
  KIT_ASSIGN_OR_RETURN(void* const infer, OpenOne("libnvinfer"));
  KIT_ASSIGN_OR_RETURN(void* const parser, OpenOne("libnvonnxparser"));
  EntryPoints entry;
  int32_t (*version)() = nullptr;
  KIT_RETURN_IF_ERROR(Find(infer, "getInferLibVersion", version));
  KIT_RETURN_IF_ERROR(Find(infer, "createInferBuilder_INTERNAL", entry.create_builder));
  KIT_RETURN_IF_ERROR(Find(infer, "createInferRuntime_INTERNAL", entry.create_runtime));
  KIT_RETURN_IF_ERROR(Find(parser, "createNvOnnxParser_INTERNAL", entry.create_parser));
  entry.version = VersionOf(version());
  KIT_RETURN_IF_ERROR(CheckLibrary(kBuiltVersion, entry.version));
  return entry;
}

const kit::Result<EntryPoints>& Opened() {
  static const auto* const opened = new kit::Result<EntryPoints>(Open());
  return *opened;
}

}  // namespace

void Logger::log(Severity severity, nvinfer1::AsciiChar const* message) noexcept {
  if (severity > Severity::kERROR || message == nullptr) return;
  try {
    messages_.Add(message);
  } catch (...) {
    return;  // no memory for it: then the sentence is without
  }
}

Logger& TheLogger() {
  static auto* const logger = new Logger;  // TensorRT's objects may outlive static ones
  return *logger;
}

kit::Status Failed(const char* what) {
  const std::string why = TheLogger().messages().Take("TensorRT gave no reason");
  const bool memory =
      why.find("OutOfMemory") != std::string::npos || why.find("out of memory") != std::string::npos;
  return {memory ? SL_RESOURCE_EXHAUSTED : SL_INTERNAL, kit::Text(what, " failed: ", why)};
}

kit::Status OpenTensorRt() {
  return Opened().status();
}

Version LibraryVersion() {
  return Opened().value().version;
}

BuilderPtr MakeBuilder() {
  return BuilderPtr(
      static_cast<nvinfer1::IBuilder*>(Opened().value().create_builder(&TheLogger(), NV_TENSORRT_VERSION)));
}

RuntimePtr MakeRuntime() {
  return RuntimePtr(
      static_cast<nvinfer1::IRuntime*>(Opened().value().create_runtime(&TheLogger(), NV_TENSORRT_VERSION)));
}

ParserPtr MakeParser(nvinfer1::INetworkDefinition& network) {
  return ParserPtr(static_cast<nvonnxparser::IParser*>(
      Opened().value().create_parser(&network, &TheLogger(), NV_ONNX_PARSER_VERSION)));
}

}  // namespace sightline::tensorrt
