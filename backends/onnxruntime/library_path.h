// Which ONNX Runtime library the plugin opens.
#pragma once

#include <string>

namespace sightline::onnxruntime {

// The environment variable that names another library than the one found when Sightline was built.
constexpr const char* kLibraryVariable = "SIGHTLINE_ONNXRUNTIME_LIBRARY";

// `chosen` (the variable's value, may be null) or, where that is null or empty, `built_in`.
std::string LibraryPath(const char* chosen, const char* built_in);

// 31 of "1.31.1": the version of the API that such a library has; 0 where the text is of another form.
int ApiVersionOf(const std::string& library_version);

}  // namespace sightline::onnxruntime
