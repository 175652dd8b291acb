// What is really in the pictures of a labelled collection, for `sightline accuracy`.
#pragma once

#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "src/analyze/average_precision.h"
#include "src/base/result.h"
#include "src/flow/task.h"

namespace sightline::cli {

struct PictureTruth {
  std::optional<int> class_index;       // of a classification
  std::vector<analyze::TrueBox> boxes;  // of a detection; none: the picture is known to show nothing
};

class Truth {
 public:
  // `spec` is a file, or empty: then the folder a picture lies in is its class. A .json file is COCO's
  // instances, for detections; any other has lines "picture,class", for classifications. Classes are names
  // among `task.labels` or numbers. Pictures are known by their file name without folders.
  static Result<Truth> Read(const std::string& spec, const TaskSpec& task);

  // What is in the picture so named; an error where nobody says.
  Result<PictureTruth> Of(std::string_view picture) const;

  // Classes of the truth that the model does not know, whose objects are left out.
  const std::vector<std::string>& unknown_classes() const { return unknown_classes_; }

 private:
  Status ReadLines(const std::string& file);
  Status ReadCoco(const std::string& file);
  std::optional<int> ClassOf(const std::string& name) const;

  std::vector<std::string> labels_;
  std::string file_;  // empty: by folder
  int classes_ = 0;
  std::map<std::string, PictureTruth, std::less<>> pictures_;
  std::vector<std::string> unknown_classes_;
};

}  // namespace sightline::cli
