#include "backends/opencv/reader.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <fstream>
#include <map>
#include <optional>
#include <string_view>

#include "backends/kit/stderr_capture.h"
#include "backends/opencv/messages.h"

namespace sightline::opencv_backend {
namespace {

namespace fs = std::filesystem;

struct FileFormat {
  const char* suffix;
  const char* companion;  // suffix of the file that must lie beside it; "" for none
  cv::dnn::Net (*read)(const std::string& model, const std::string& companion);
};
constexpr std::array<FileFormat, 3> kFormats = {{
    {".pb", "",
     [](const std::string& model, const std::string&) { return cv::dnn::readNetFromTensorflow(model); }},
    {".cfg", ".weights",
     [](const std::string& model, const std::string& weights) {
       // NOLINTNEXTLINE(readability-suspicious-call-argument): what OpenCV calls cfgFile is the model
       return cv::dnn::readNetFromDarknet(model, weights);
     }},
    {".caffemodel", ".prototxt",
     [](const std::string& model, const std::string& text) {
       return cv::dnn::readNetFromCaffe(text, model);
     }},
}};

// What lies between `before` and `after`, from `at` on, which moves behind `after`. Nothing if it is not
// there.
std::optional<std::string> Between(const std::string& text, std::string_view before, std::string_view after,
                                   size_t& at) {
  const size_t begin = text.find(before, at);
  if (begin == std::string::npos) return std::nullopt;
  const size_t end = text.find(after, begin + before.size());
  if (end == std::string::npos) return std::nullopt;
  at = end + after.size();
  return text.substr(begin + before.size(), end - begin - before.size());
}

// OpenCV 4's importer says "Node [TYPE@DOMAIN]:(NAME) parse error: REASON" of a node it fails at.
kit::Status FromImporter(const cv::Exception& exception) {
  const std::string line = OneLine(exception.err);
  size_t at = 0;
  const auto type = Between(line, "Node [", "@", at);
  const auto layer = Between(line, "]:(", ") parse error: ", at);
  if (!type || !layer) return FromException(exception, SL_INVALID_ARGUMENT);
  const std::string reason = line.substr(at);
  const std::string where = kit::Text("operator ", *type, " (layer '", NodeName(*layer), "')");
  if (reason.find("Can't create layer") != std::string::npos) {
    return kit::Unsupported(where, " is not supported by OpenCV ", cv::getVersionString());
  }
  return kit::Unsupported(where, " is used in a way that OpenCV ", cv::getVersionString(),
                          " can't read: ", reason);
}

}  // namespace

std::vector<std::string> FileFormats() {
  std::vector<std::string> suffixes;
  for (const FileFormat& format : kFormats) suffixes.emplace_back(format.suffix);
  return suffixes;
}

kit::Result<cv::dnn::Net> ReadFile(const fs::path& path) {
  const auto* format = std::find_if(kFormats.begin(), kFormats.end(), [&](const FileFormat& known) {
    return path.extension() == known.suffix;
  });
  if (format == kFormats.end()) {
    return kit::Unsupported("OpenCV can't open ", path.string(),
                            ": its suffix is not one of .pb, .cfg, .caffemodel");
  }
  const fs::path companion = fs::path(path).replace_extension(format->companion);
  if (!std::string_view(format->companion).empty() && !fs::exists(companion)) {
    return kit::NotFound(path.string(), " needs ", companion.string(), " beside it, which does not exist");
  }
  kit::StderrCapture words;  // its protobuf says what is wrong with a text file there, and only there
  try {
    cv::dnn::Net net = format->read(path.string(), companion.string());
    if (!net.empty()) return net;
    return kit::InvalidArgument("OpenCV found no layers in ", path.string());
  } catch (const cv::Exception& exception) {
    const kit::Status status = FromException(exception, SL_INVALID_ARGUMENT);
    const std::string said = words.Take();
    return kit::Status(status.code(), kit::Text("OpenCV can't read ", path.string(), ": ", status.message(),
                                                said.empty() ? "" : "; it said: ", said));
  }
}

std::string InputShapeOf(const fs::path& path) {
  if (path.extension() != ".cfg") return "";
  std::map<std::string, std::string> values;  // key=value of the first section, whose name is [net]
  std::ifstream file(path);
  int sections = 0;
  for (std::string line; sections < 2 && std::getline(file, line);) {
    std::erase_if(line, [](unsigned char c) { return std::isspace(c) != 0; });
    if (line.starts_with('[')) ++sections;
    const size_t equals = line.find('=');
    if (sections == 1 && equals != std::string::npos)
      values[line.substr(0, equals)] = line.substr(equals + 1);
  }
  const bool complete = values.contains("channels") && values.contains("height") && values.contains("width");
  return complete ? values["channels"] + "x" + values["height"] + "x" + values["width"] : "";
}

kit::Result<cv::dnn::Net> ReadOnnx(std::span<const std::byte> bytes) {
  try {
    cv::dnn::Net net = cv::dnn::readNetFromONNX(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    if (!net.empty()) return net;
    return kit::InvalidArgument("OpenCV found no layers in the ONNX model");
  } catch (const cv::Exception& exception) {
    return FromImporter(exception);
  }
}

kit::Status FromException(const cv::Exception& exception, SlStatusCode code) {
  if (exception.code == cv::Error::StsNoMem) code = SL_RESOURCE_EXHAUSTED;
  return {code, kit::Text(OneLine(exception.err), " (in OpenCV's ", exception.func, ")")};
}

std::string NodeName(const std::string& layer_name) {
  constexpr std::string_view kPrefix = "onnx_node!";
  return layer_name.starts_with(kPrefix) ? layer_name.substr(kPrefix.size()) : layer_name;
}

}  // namespace sightline::opencv_backend
