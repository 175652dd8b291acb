#include "src/description/model_description.h"

#include <fmt/format.h>

#include <fstream>
#include <iterator>
#include <optional>

#include "src/base/check.h"
#include "src/description/description_reader.h"
#include "src/document/document.h"
#include "src/document/schema.h"

namespace sightline::description {

extern const std::string_view kModelDescriptionSchema;  // made by cmake/embedded.cmake

std::string_view ModelDescriptionSchema() {
  return kModelDescriptionSchema;
}

Result<ModelDescription> ParseModelDescription(const std::string& text,
                                               const std::filesystem::path& file_name,
                                               const TaskOf& task_of) {
  const auto schema = document::Json::parse(kModelDescriptionSchema, nullptr, /*allow_exceptions=*/false);
  SIGHTLINE_CHECK(!schema.is_discarded());
  SIGHTLINE_ASSIGN_OR_RETURN(const auto document, document::Document::FromYaml(text, file_name.string()));
  SIGHTLINE_RETURN_IF_ERROR(document::CheckAgainstSchema(document, schema));
  return ReadDescription(document, file_name.parent_path(), task_of);
}

bool IsModelDescription(const std::filesystem::path& path) {
  return path.extension() == ".yaml" || path.extension() == ".yml";
}

Result<ModelDescription> ReadModelDescription(const std::filesystem::path& path, const TaskOf& task_of) {
  constexpr std::streamsize kLargest = (std::streamsize{1} << 20) + 1;  // the document refuses more
  std::ifstream file(path, std::ios::binary);
  std::string text(kLargest, '\0');
  file.read(text.data(), kLargest);
  if (file.bad() || (file.fail() && !file.eof()) || !file.is_open()) {
    return Error(ErrorKind::kNotFound,
                 fmt::format("{}: can't be read; name a readable model description", path.string()));
  }
  text.resize(static_cast<size_t>(file.gcount()));
  return ParseModelDescription(text, path, task_of);
}

}  // namespace sightline::description
