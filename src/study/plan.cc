#include "src/study/plan.h"

#include "src/base/check.h"
#include "src/document/document.h"
#include "src/document/schema.h"
#include "src/study/plan_reader.h"

namespace sightline::study {

extern const std::string_view kPlanSchema;  // made by cmake/embedded.cmake

std::string_view PlanSchema() {
  return kPlanSchema;
}

Result<Plan> ParsePlan(const std::string& text, const std::string& file_name) {
  const auto schema = document::Json::parse(kPlanSchema, nullptr, /*allow_exceptions=*/false);
  SIGHTLINE_CHECK(!schema.is_discarded());
  SIGHTLINE_ASSIGN_OR_RETURN(const auto document, document::Document::FromYaml(text, file_name));
  SIGHTLINE_RETURN_IF_ERROR(document::CheckAgainstSchema(document, schema));
  return ReadPlan(document);
}

}  // namespace sightline::study
