// Small things that several estimators do to a series of samples in the order of time.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace sightline::stats {

// The means of adjacent groups of `group` >= 1 samples; what doesn't fill the last group is left out.
std::vector<double> GroupMeans(std::span<const double> samples, size_t group);

// The group length that leaves at most `most` means.
size_t GroupLength(size_t count, size_t most);

// The middle value, or the mean of the middle two; at least one value.
double MedianOf(std::vector<double> values);

// The samples less the line of least squares through them.
std::vector<double> Detrended(std::span<const double> samples);

}  // namespace sightline::stats
