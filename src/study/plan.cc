#include "src/study/plan.h"

#include "src/base/check.h"
#include "src/study/document.h"
#include "src/study/plan_reader.h"
#include "src/study/schema.h"

namespace sightline::study {

extern const std::string_view kPlanSchema;  // made by cmake/embedded.cmake

std::string_view PlanSchema() {
  return kPlanSchema;
}

Result<Plan> ParsePlan(const std::string& text, const std::string& file_name) {
  const Json schema = Json::parse(kPlanSchema, nullptr, /*allow_exceptions=*/false);
  SIGHTLINE_CHECK(!schema.is_discarded());
  SIGHTLINE_ASSIGN_OR_RETURN(const Document document, Document::FromYaml(text, file_name));
  SIGHTLINE_RETURN_IF_ERROR(CheckAgainstSchema(document, schema));
  return ReadPlan(document);
}

}  // namespace sightline::study
