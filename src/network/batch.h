// Changing the batch of a network.
#pragma once

#include <cstdint>
#include <optional>

#include "src/base/result.h"
#include "src/network/draft.h"

namespace sightline::network {

// Gives a normalized draft another batch (std::nullopt: open). See Network::WithBatch.
Status ChangeBatch(Draft& draft, std::optional<int64_t> batch);

}  // namespace sightline::network
