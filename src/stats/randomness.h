// Whether a series follows itself like independent samples: the rank version of von Neumann's ratio (Bartels,
// "The rank version of von Neumann's ratio test for randomness", JASA 1982). Squared differences of the ranks
// of neighbours against the ranks' variance: 2 of independent samples, less where neighbours resemble each
// other. Ranks, so that a few slow frames don't hide what the others do.
#pragma once

#include <span>

namespace sightline::stats {

// The ratio in standard errors from what independent samples give (its distribution is near the normal one
// from 10 samples on): below -1.64 in one of twenty independent series, and far below in one whose neighbours
// resemble each other. Equal values share their mean rank. 0 of fewer than three samples, or all equal ones.
double RankVonNeumannScore(std::span<const double> samples);

}  // namespace sightline::stats
