// Holds a document to a JSON Schema (draft 7; checked by valijson) and says what to write where it does not
// fit.
#pragma once

#include <string_view>

#include "src/base/result.h"
#include "src/study/document.h"

namespace sightline::study {

// The first mistake in the text, in words made from the `description` of the part of the schema it offends:
// descriptions read as the object of "write ...". An unknown key suggests the nearest known one. `schema`
// must be a schema (CHECK); of its features, the words understand $ref within it, properties,
// patternProperties, additionalProperties, required and items.
Status CheckAgainstSchema(const Document& document, const Json& schema);

}  // namespace sightline::study
