// Where files go that nobody asked for.
#pragma once

#include <filesystem>

namespace sightline {

// The folder that TMPDIR (or TMP, TEMP, TEMPDIR) names, or /tmp where they name none.
std::filesystem::path TemporaryFolder();

}  // namespace sightline
