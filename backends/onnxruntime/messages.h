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

// "git-branch=HEAD, git-commit-id=fab30a4, build type=Release" of what the library says of its build: without
// the words in front and the compiler's flags.
std::string BuildTypeOf(std::string_view build_info);

}  // namespace sightline::onnxruntime
