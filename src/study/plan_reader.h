// Turns a document that fits the schema into a Plan, and checks what a schema can't say: that levels occur
// once, that names agree across sections, that figures make sense together.
#pragma once

#include "src/base/result.h"
#include "src/document/document.h"
#include "src/study/plan.h"

namespace sightline::study {

// `document` fits schema/plan.schema.json.
Result<Plan> ReadPlan(const document::Document& document);

}  // namespace sightline::study
