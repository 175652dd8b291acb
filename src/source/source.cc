#include "src/source/source.h"

#include <algorithm>
#include <filesystem>
#include <new>
#include <string_view>
#include <system_error>

#include "src/source/pictures.h"
#include "src/source/sources.h"

namespace sightline::source {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kSyntheticPrefix = "synthetic:";
constexpr std::string_view kWhatToGive =
    "give a folder of pictures, a glob such as 'photos/*.jpg', a picture, a video file or synthetic:640x480";

Result<std::unique_ptr<Source>> OpenPath(const std::string& spec, const SourceOptions& options) {
  std::error_code error;
  const fs::file_status status = fs::status(spec, error);
  if (fs::is_directory(status)) {
    SIGHTLINE_ASSIGN_OR_RETURN(auto paths, PicturesIn(spec));
    return OpenPictures(std::move(paths), spec, options);
  }
  if (fs::is_regular_file(status)) {
    if (HasPictureSuffix(spec) || BeginsLikePicture(spec)) return OpenPictures({spec}, spec, options);
    return OpenVideo(spec, options);
  }
  if (status.type() == fs::file_type::not_found && spec.find_first_of("*?[") != std::string::npos) {
    SIGHTLINE_ASSIGN_OR_RETURN(auto paths, PicturesMatching(spec));
    return OpenPictures(std::move(paths), spec, options);
  }
  if (status.type() == fs::file_type::not_found) {
    return Error(ErrorKind::kNotFound, "the input " + spec + " does not exist; " + std::string(kWhatToGive));
  }
  if (error) return Error(ErrorKind::kUnavailable, "can't open the input " + spec + ": " + error.message());
  return Error(ErrorKind::kInvalidArgument,
               "the input " + spec + " is neither a file nor a folder; " + std::string(kWhatToGive));
}

}  // namespace

size_t PreloadLimit(std::optional<int64_t> available_bytes, std::optional<int64_t> container_bytes) {
  constexpr int64_t kLeast = int64_t{64} << 20;
  constexpr int64_t kMost = int64_t{1} << 30;
  const int64_t usable = std::min(available_bytes.value_or(4 * kMost), container_bytes.value_or(4 * kMost));
  return static_cast<size_t>(std::clamp(usable / 4, kLeast, kMost));
}

Result<std::unique_ptr<Source>> OpenSource(const std::string& spec, const SourceOptions& options) {
  if (spec.empty()) {
    return Error(ErrorKind::kInvalidArgument, "no input is named; " + std::string(kWhatToGive));
  }
  try {
    if (spec.starts_with(kSyntheticPrefix))
      return OpenSynthetic(spec.substr(kSyntheticPrefix.size()), options.seed);
    return OpenPath(spec, options);
  } catch (const std::bad_alloc&) {
    return Error(ErrorKind::kResourceExhausted, "there is not enough memory to open the input " + spec);
  }
}

}  // namespace sightline::source
