#include "src/postprocess/labels.h"

#include <cstdint>
#include <fstream>
#include <iterator>
#include <string_view>
#include <system_error>
#include <utility>

#include "src/base/text.h"

namespace sightline::postprocess {
namespace {

constexpr uintmax_t kMaxLabelBytes = 16 << 20;
constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

Result<std::string> ReadText(const std::filesystem::path& path) {
  std::error_code error;
  if (!std::filesystem::is_regular_file(path, error)) {
    return Error(ErrorKind::kNotFound, "no such label file: " + path.string());
  }
  if (std::filesystem::file_size(path, error) > kMaxLabelBytes) {
    return Error(ErrorKind::kInvalidArgument,
                 path.string() + " has more than 16 MiB, too much for a list of class names");
  }
  std::ifstream file(path, std::ios::binary);
  std::string text{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  if (!file) return Error(ErrorKind::kUnavailable, "can't read the label file " + path.string());
  if (text.find('\0') != std::string::npos) {
    return Error(ErrorKind::kInvalidArgument,
                 path.string() + " is not a text file; class names are expected, one a line");
  }
  if (text.starts_with(kByteOrderMark)) text.erase(0, kByteOrderMark.size());
  return text;
}

}  // namespace

Result<std::vector<std::string>> ReadLabels(const std::filesystem::path& path) {
  SIGHTLINE_ASSIGN_OR_RETURN(const std::string text, ReadText(path));
  std::vector<std::string> labels = Split(text, '\n');
  for (std::string& label : labels) {
    while (!label.empty() && (label.back() == '\r' || label.back() == ' ')) label.pop_back();
  }
  while (!labels.empty() && labels.back().empty()) labels.pop_back();
  if (labels.empty()) {
    return Error(ErrorKind::kInvalidArgument,
                 path.string() + " is empty; class names are expected, one a line");
  }
  for (size_t i = 0; i < labels.size(); ++i) {
    if (!labels[i].empty()) continue;
    return Error(ErrorKind::kInvalidArgument, path.string() + ": line " + std::to_string(i + 1) +
                                                  " is blank, so the classes after it can't be numbered");
  }
  return labels;
}

Result<std::vector<std::string>> FitLabels(std::vector<std::string> labels, int classes,
                                           bool has_background_class) {
  const auto count = static_cast<int64_t>(labels.size());
  if (count == classes) return labels;
  if (has_background_class && count + 1 == classes) {
    labels.insert(labels.begin(), "background");
    return labels;
  }
  if (!has_background_class && count == int64_t{classes} + 1) {
    labels.erase(labels.begin());
    return labels;
  }
  return Error(ErrorKind::kInvalidArgument, "there are " + std::to_string(count) + " class names for " +
                                                std::to_string(classes) +
                                                " classes; give the list the network was trained with");
}

}  // namespace sightline::postprocess
