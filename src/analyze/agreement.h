// Whether two backends computed the same scores for a picture.
#pragma once

#include <span>
#include <vector>

#include "src/flow/task.h"

namespace sightline::analyze {

// Limits for float32; a softmax alone proves little where it is near uniform, hence the logits.
constexpr double kLogitTolerance = 1e-3;    // of the logits' range
constexpr double kSoftmaxTolerance = 1e-4;  // absolute

struct Agreement {
  bool finite = true;  // no score, nor its logarithm where that is looked at, is NaN or infinite
  double softmax_difference_max = 0;  // largest absolute difference of the probabilities
  double softmax_relative_max = 0;    // largest difference relative to the larger of the two
  double logit_difference_max = 0;    // largest absolute difference of the logits
  double logit_range = 0;             // largest minus smallest logit of the reference
  double logit_deviation = 0;         // standard deviation of the reference's logits over the classes
  int top5_swaps = 0;  // ranks among the best five at which classes differ by more than a near tie

  bool agrees() const;
  // Keeps the worse of each figure: for summing up several pictures.
  void Worsen(const Agreement& other);
};

// Scores as logits with mean 0: for kProbabilities log(p), not finite where p is 0.
std::vector<double> CenteredLogits(std::span<const float> scores, OutputKind kind);

// Both hold the scores of the same classes. For kProbabilities logits are taken back out of the softmax as
// log(p) - mean(log(p)), exact up to the constant that softmax forgets; they need p > 0. Values that are not
// finite, or probabilities of 0, make the differences infinite and `finite` false, so that nothing agrees by
// being broken alike.
Agreement CompareScores(std::span<const float> reference, std::span<const float> other, OutputKind kind);

}  // namespace sightline::analyze
