// TensorFlow's messages as one sentence for the user.
#pragma once

#include <string>
#include <string_view>

#include "backends/kit/status.h"

namespace sightline::tensorflow {

// The first line, without marks ("{{node conv}}" becomes "'conv'") and without the tails that describe the
// stack, the binary or the devices.
std::string CleanMessage(std::string_view message);

// Why `graph_def` could not be imported: not a GraphDef at all, an operation TensorFlow does not have (named
// with its node), or a graph that contradicts itself. Passes Ok() on.
kit::Status ExplainImport(const kit::Status& status, std::string_view graph_def);

}  // namespace sightline::tensorflow
