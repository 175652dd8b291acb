#include "src/cli/truth.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "src/base/text.h"

namespace sightline::cli {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::json;

std::optional<int> Number(std::string_view text) {
  int number = 0;
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (code != std::errc() || end != text.data() + text.size() || number < 0) return std::nullopt;
  return number;
}

Error NotKnown(const std::string& name, const std::string& where, const std::vector<std::string>& labels) {
  const std::string nearest = NearestName(name, labels);
  const std::string help =
      labels.empty()    ? "the model has no class names, so give the class's number, or --labels FILE"
      : nearest.empty() ? fmt::format("the model has {} classes, the first is '{}'", labels.size(), labels[0])
                        : fmt::format("did you mean '{}'?", nearest);
  return Error(ErrorKind::kInvalidArgument,
               fmt::format("{}: '{}' is not a class of this model; {}", where, name, help));
}

// In fractions of the picture; COCO writes left, top, width and height in pixels.
Box BoxOf(const Json& box, double width, double height) {
  const double left = box.at(0).get<double>();
  const double top = box.at(1).get<double>();
  return {static_cast<float>(left / width), static_cast<float>(top / height),
          static_cast<float>((left + box.at(2).get<double>()) / width),
          static_cast<float>((top + box.at(3).get<double>()) / height)};
}

struct CocoPicture {
  std::string name;
  double width = 0;
  double height = 0;
};

std::map<int64_t, CocoPicture> CocoPictures(const Json& json) {
  std::map<int64_t, CocoPicture> pictures;
  for (const Json& image : json.at("images")) {
    pictures[image.at("id").get<int64_t>()] = {
        fs::path(image.at("file_name").get<std::string>()).filename().string(),
        image.at("width").get<double>(), image.at("height").get<double>()};
  }
  return pictures;
}

}  // namespace

std::optional<int> Truth::ClassOf(const std::string& name) const {
  const auto label = std::find(labels_.begin(), labels_.end(), name);
  if (label != labels_.end()) return static_cast<int>(label - labels_.begin());
  const auto number = Number(name);
  if (!number || (classes_ > 0 && *number >= classes_)) return std::nullopt;
  return number;
}

Result<Truth> Truth::Read(const std::string& spec, const TaskSpec& task) {
  Truth truth;
  truth.labels_ = task.labels;
  truth.classes_ = task.classes;
  truth.file_ = spec;
  const bool coco = fs::path(spec).extension() == ".json";
  if (task.task == Task::kDetection && !coco) {
    return Error(ErrorKind::kInvalidArgument,
                 "--truth: a detector's accuracy needs COCO's annotations; give an instances .json file");
  }
  if (task.task == Task::kClassification && coco) {
    return Error(ErrorKind::kInvalidArgument,
                 fmt::format("--truth {}: COCO's annotations are for detectors; give a file of lines "
                             "\"picture,class\", or leave it out where each class has a folder",
                             spec));
  }
  if (!spec.empty()) SIGHTLINE_RETURN_IF_ERROR(coco ? truth.ReadCoco(spec) : truth.ReadLines(spec));
  return truth;
}

Status Truth::ReadLines(const std::string& file) {
  std::ifstream lines(file);
  if (!lines.is_open()) {
    return Error(ErrorKind::kNotFound, fmt::format("--truth {}: can't be read; name a readable file", file));
  }
  std::string line;
  for (int number = 1; std::getline(lines, line); ++number) {
    while (!line.empty() && (line.back() == '\r' || line.back() == ' ')) line.pop_back();
    if (line.empty()) continue;
    const size_t comma = line.rfind(',');
    const std::string where = fmt::format("{}:{}", file, number);
    if (comma == std::string::npos) {
      return Error(ErrorKind::kInvalidArgument,
                   fmt::format("{}: '{}' has no comma; each line is picture,class", where, line));
    }
    const std::string name = line.substr(comma + 1);
    const auto class_index = ClassOf(name);
    if (!class_index) return NotKnown(name, where, labels_);
    const std::string picture = fs::path(line.substr(0, comma)).filename().string();
    if (!pictures_.try_emplace(picture, PictureTruth{class_index, {}}).second) {
      return Error(ErrorKind::kInvalidArgument, fmt::format("{}: {} has a line already", where, picture));
    }
  }
  return OkStatus();
}

Status Truth::ReadCoco(const std::string& file) {
  std::ifstream stream(file);
  if (!stream.is_open()) {
    return Error(ErrorKind::kNotFound, fmt::format("--truth {}: can't be read; name a readable file", file));
  }
  try {
    const Json json = Json::parse(stream);
    std::map<int64_t, std::optional<int>> classes;
    for (const Json& category : json.at("categories")) {
      const auto name = category.at("name").get<std::string>();
      const auto known = ClassOf(name);
      classes[category.at("id").get<int64_t>()] = known;
      if (!known) unknown_classes_.push_back(name);
    }
    const std::map<int64_t, CocoPicture> pictures = CocoPictures(json);
    for (const auto& [id, picture] : pictures) pictures_[picture.name];
    for (const Json& object : json.at("annotations")) {
      const CocoPicture& picture = pictures.at(object.at("image_id").get<int64_t>());
      const auto class_index = classes.at(object.at("category_id").get<int64_t>());
      if (!class_index) continue;
      pictures_[picture.name].boxes.push_back({BoxOf(object.at("bbox"), picture.width, picture.height),
                                               *class_index, object.value("iscrowd", 0) != 0});
    }
    if (unknown_classes_.size() < classes.size()) return OkStatus();
    return NotKnown(classes.empty() ? "" : unknown_classes_[0], file, labels_);
  } catch (const std::exception& failure) {
    return Error(
        ErrorKind::kInvalidArgument,
        fmt::format("--truth {}: is not COCO's instances format ({}); give such a file, with images, "
                    "annotations and categories",
                    file, failure.what()));
  }
}

Result<PictureTruth> Truth::Of(std::string_view picture) const {
  const fs::path path(picture);
  if (file_.empty()) {
    const std::string folder = path.parent_path().filename().string();
    const auto class_index = ClassOf(folder);
    if (class_index) return PictureTruth{class_index, {}};
    return NotKnown(folder, fmt::format("folder of {}", picture), labels_);
  }
  const auto found = pictures_.find(path.filename().string());
  if (found != pictures_.end()) return found->second;
  return Error(ErrorKind::kInvalidArgument,
               fmt::format("{} says nothing of {}; add it, or take the picture out of --input", file_,
                           path.filename().string()));
}

}  // namespace sightline::cli
