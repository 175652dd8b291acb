// Rewrites that compute the same values in another way, for importers that get the usual way wrong.
#pragma once

#include <span>
#include <string_view>

#include "src/base/result.h"
#include "src/network/draft.h"

namespace sightline::network {

struct Rewrite {
  std::string_view name;
  Status (*apply)(Draft& draft);  // on a normalized draft; the caller normalizes it again
};

// In the order in which they are applied.
std::span<const Rewrite> Rewrites();

}  // namespace sightline::network
