// The `input` part of a model description.
#pragma once

#include "src/document/document.h"
#include "src/flow/task.h"

namespace sightline::description {

// What the document says of its `input`, over `spec`.
void ReadPreprocess(const document::Document& document, PreprocessSpec& spec);

}  // namespace sightline::description
