// Sizes and shares as people write them in a plan.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace sightline::study {

// "512MiB", "8GiB", "1.5GB": bytes. Absent when it is not of that form or more than 2^60.
std::optional<int64_t> ParseByteSize(std::string_view text);

// "2%", "0.5 %": 0.02, 0.005. Absent when it is not of that form or not above 0 and below 100 %.
std::optional<double> ParsePercentage(std::string_view text);

}  // namespace sightline::study
