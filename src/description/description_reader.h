// Turns a document that fits the schema into a ModelDescription, and checks what a schema can't say.
#pragma once

#include <filesystem>

#include "src/description/model_description.h"
#include "src/document/document.h"

namespace sightline::description {

// `folder`: where files named without a root lie.
Result<ModelDescription> ReadDescription(const document::Document& document,
                                         const std::filesystem::path& folder, const TaskOf& task_of);

}  // namespace sightline::description
