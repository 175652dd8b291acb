// A profile as text for a terminal.
#pragma once

#include <cstddef>
#include <optional>
#include <string>

#include "src/analyze/profile_json.h"

namespace sightline::report {

struct ProfileView {
  bool by_type = false;
  std::optional<size_t> top;  // only so many rows, those that take longest first
};

// Heading, roofs, the table, the sum against the whole inference, and how to read it.
std::string ProfileText(const analyze::ProfileReport& report, const ProfileView& view);

}  // namespace sightline::report
