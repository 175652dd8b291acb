#include "backends/openvino/reader.h"

#include <new>
#include <openvino/openvino.hpp>

#include "backends/kit/graph.h"
#include "backends/kit/stderr_capture.h"
#include "backends/openvino/messages.h"

namespace sightline::openvino_backend {
namespace {

namespace fs = std::filesystem;

// "operator A (layers 'x', 'y') is not supported by OpenVINO"; without layers where the graph is not known.
kit::Status FromMissing(const std::vector<std::string>& missing, const SlGraph* graph) {
  std::string text;
  for (const std::string& type : missing) {
    if (!text.empty()) text += ", ";
    text += "operator " + type;
    std::string layers;
    for (int i = 0; graph != nullptr && i < graph->node_count; ++i) {
      const kit::GraphNode node = kit::GraphView(*graph).node(i);
      if (node.op_type() == type)
        layers += (layers.empty() ? " (layer '" : ", '") + std::string(node.name()) + "'";
    }
    if (!layers.empty()) text += layers + ")";
  }
  return kit::Unsupported(text, missing.size() == 1 ? " is" : " are", " not supported by OpenVINO ",
                          VersionText());
}

kit::Status CheckPath(const fs::path& path) {
  if (!fs::exists(path)) return kit::NotFound(path.string(), " does not exist");
  if (fs::is_directory(path)) {
    if (fs::exists(path / "saved_model.pb")) return kit::Ok();
    return kit::InvalidArgument(path.string(),
                                " is a folder without a saved_model.pb in it, so no SavedModel");
  }
  const fs::path weights = fs::path(path).replace_extension(".bin");
  if (path.extension() == ".xml" && !fs::exists(weights)) {
    return kit::NotFound(path.string(), " needs its weights, ", weights.string(),
                         ", beside it, which does not exist");
  }
  return kit::Ok();
}

}  // namespace

std::vector<std::string> FileFormats() {
  return {".xml", ".pb", "saved_model", ".tflite"};
}

kit::Result<std::shared_ptr<ov::Model>> ReadFile(ov::Core& core, const fs::path& path) {
  KIT_RETURN_IF_ERROR(CheckPath(path));
  kit::StderrCapture words;  // its protobuf says there what is wrong with a file, in its own form
  try {
    return core.read_model(path.string());
  } catch (const std::exception& exception) {
    return FromException(exception, SL_INVALID_ARGUMENT).WithContext("OpenVINO can't read " + path.string());
  }
}

kit::Result<std::shared_ptr<ov::Model>> ReadOnnx(ov::Core& core, const kit::Model& model) {
  try {
    const std::string bytes(reinterpret_cast<const char*>(model.onnx.data()), model.onnx.size());
    return core.read_model(bytes, ov::Tensor());
  } catch (const std::exception& exception) {
    const std::vector<std::string> missing = MissingOperators(exception.what());
    if (!missing.empty()) return FromMissing(missing, model.graph);
    return FromException(exception, SL_UNSUPPORTED).WithContext("OpenVINO can't read this network");
  }
}

std::string VersionText() {
  const std::string build = ov::get_openvino_version().buildNumber;  // "2026.4.1-22982-COMMIT-BRANCH"
  return build.substr(0, build.find('-'));
}

kit::Status FromException(const std::exception& exception, SlStatusCode code) {
  if (dynamic_cast<const std::bad_alloc*>(&exception) != nullptr) {
    return kit::ResourceExhausted("OpenVINO ran out of memory");
  }
  return {code, OneLine(exception.what())};
}

}  // namespace sightline::openvino_backend
