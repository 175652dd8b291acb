// What ONNX Runtime says when it fails, as one sentence for a user.
#pragma once

#include <string>
#include <string_view>

namespace sightline::onnxruntime {

// `text` in one line, without the places in ONNX Runtime's sources and the C++ signatures that it puts in
// front of many messages.
std::string OneLine(std::string_view text);

// Whether a message says that there is no implementation of an operator or type, as opposed to a fault of the
// model.
bool SaysUnsupported(std::string_view text);

// Whether a message says that the machine's memory was not enough.
bool SaysOutOfMemory(std::string_view text);

}  // namespace sightline::onnxruntime
