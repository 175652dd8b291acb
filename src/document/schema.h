// Holds a document to a JSON Schema (draft 7; checked by valijson) and says what to write where it does not
// fit.
#pragma once

#include <string_view>

#include "src/base/result.h"
#include "src/document/document.h"

namespace sightline::document {

// The first mistake in the text, in words made from the `description` of the part of the schema it offends:
// descriptions read as the object of "write ...", as does the root's "x-begin" for a text that is no such
// file at all. An unknown key suggests the nearest known one, or says what the root's "x-later" says of it.
// `schema` must be a schema (CHECK); of its features, the words understand $ref within it, properties,
// patternProperties, additionalProperties, required and items.
Status CheckAgainstSchema(const Document& document, const Json& schema);

}  // namespace sightline::document
