// The kinds of source behind source.h.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "src/base/result.h"
#include "src/source/source.h"

namespace sightline::source {

// `paths` is not empty; `place` is for the description: "photos/".
Result<std::unique_ptr<Source>> OpenPictures(std::vector<std::filesystem::path> paths,
                                             const std::string& place, const SourceOptions& options);

Result<std::unique_ptr<Source>> OpenVideo(const std::filesystem::path& path, const SourceOptions& options);

// `size` is the part of the spec after "synthetic:".
Result<std::unique_ptr<Source>> OpenSynthetic(const std::string& size, uint64_t seed);

}  // namespace sightline::source
