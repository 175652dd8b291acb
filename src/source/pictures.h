// Finding and reading picture files.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "src/base/result.h"

namespace sightline::source {

// Whether the file name's suffix is one of those that count as pictures, in any case.
bool HasPictureSuffix(const std::filesystem::path& path);

// Whether the file's first bytes are those of a picture, whatever its name.
bool BeginsLikePicture(const std::filesystem::path& path);

// ".jpg, .jpeg, ..." for messages.
std::string PictureSuffixes();

// The pictures directly in a folder, sorted by name. None is an error.
Result<std::vector<std::filesystem::path>> PicturesIn(const std::filesystem::path& folder);

// The pictures a glob (glob(7), without brace expansion) matches, sorted by path. None is an error.
Result<std::vector<std::filesystem::path>> PicturesMatching(const std::string& pattern);

// The size of a file that can be opened for reading and is not empty.
Result<size_t> ReadableSize(const std::filesystem::path& path);

// Replaces `bytes` by the file's content; allocates only if it is more than `bytes` ever held.
Status ReadFile(const std::filesystem::path& path, std::vector<uint8_t>& bytes);

}  // namespace sightline::source
