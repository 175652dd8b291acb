// Reads what makes somebody's own model run: a YAML file (schema/model_description.schema.json) that names
// the model's file and says what it is for, how pictures are prepared and how outputs are read.
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <string_view>

#include "src/base/result.h"
#include "src/flow/task.h"

namespace sightline::description {

struct ModelDescription {
  std::filesystem::path file;  // of the model; made of the description's own folder where it is not absolute
  TaskSpec task;               // what was not said is as in `like`, else as in a default TaskSpec
  std::string labels_file;     // empty unless labels are in a file; beside the description as `file`
  // What else the model itself tells, where the description doesn't: input size 0, classes 0, and this.
  bool scores_given = false;
};

// The task of a zoo network, for `like`; fails with a sentence that names it.
using TaskOf = std::function<Result<TaskSpec>(const std::string& name)>;

// The schema's text.
std::string_view ModelDescriptionSchema();

// `file_name` is for messages and for finding files beside it. Every mistake is one sentence that begins with
// "FILE:LINE:COLUMN".
Result<ModelDescription> ParseModelDescription(const std::string& text,
                                               const std::filesystem::path& file_name, const TaskOf& task_of);

// Whether a path named with -m is a description: it ends in .yaml or .yml.
bool IsModelDescription(const std::filesystem::path& path);

// As ParseModelDescription, of a file of at most 1 MiB.
Result<ModelDescription> ReadModelDescription(const std::filesystem::path& path, const TaskOf& task_of);

}  // namespace sightline::description
