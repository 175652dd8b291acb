#include "src/postprocess/topk.h"

#include <algorithm>
#include <cmath>
#include <string>

#include "src/base/check.h"
#include "src/postprocess/kernels.h"
#include "src/postprocess/not_finite.h"

namespace sightline::postprocess {
namespace {

// Puts `candidate` into its place among the sorted `best`, whose last entry drops out.
void Insert(std::span<ClassScore> best, ClassScore candidate) {
  size_t place = best.size() - 1;
  for (; place > 0 && best[place - 1].score < candidate.score; --place) best[place] = best[place - 1];
  best[place] = candidate;
}

// Turns the scores in `best`, whose first is the largest of `logits`, into probabilities.
void Softmax(std::span<const float> logits, std::span<ClassScore> best) {
  const float largest = best[0].score;
  double sum = 0;
  for (const float logit : logits) sum += static_cast<double>(std::exp(logit - largest));
  for (ClassScore& entry : best) {
    entry.score = static_cast<float>(static_cast<double>(std::exp(entry.score - largest)) / sum);
  }
}

}  // namespace

Status TopK(std::span<const float> scores, int k, OutputKind kind, std::span<ClassScore> out) {
  SIGHTLINE_CHECK(k > 0 && static_cast<size_t>(k) <= out.size());
  if (scores.empty()) return Error(ErrorKind::kInternal, "the network's output holds no scores");
  if (!AllFinite(scores.data(), scores.size())) {
    const size_t bad = FirstNotFinite(scores.data(), scores.size());
    return Error(ErrorKind::kInternal, "the network's output is not a number or infinite, first at class " +
                                           std::to_string(bad) + " of " + std::to_string(scores.size()) +
                                           "; check the weights and the preprocessing");
  }
  std::fill_n(out.begin(), k, ClassScore{});
  const std::span<ClassScore> best = out.first(std::min(static_cast<size_t>(k), scores.size()));
  size_t filled = 0;
  for (size_t i = 0; i < scores.size(); ++i) {
    const bool room = filled < best.size();
    if (!room && scores[i] <= best.back().score) continue;
    if (room) ++filled;
    Insert(best.first(filled), {static_cast<int>(i), scores[i]});
  }
  if (kind == OutputKind::kLogits) Softmax(scores, best);
  return OkStatus();
}

}  // namespace sightline::postprocess
