// How far a network in a lower precision is from the same network in fp32, over several pictures.
#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "src/flow/task.h"

namespace sightline::analyze {

// Signal-to-quantization-noise ratio: 10 log10 of the energy of the reference's logits over that of the
// difference, all pictures together, in decibels; 20 dB are 10 % of noise, each 6 dB more half of it. Logits
// without their mean over the classes, which a softmax doesn't see. Top-1 agreement: the share of pictures
// whose best class is the same.
class Deviation {
 public:
  // The scores of one picture, as many in both, at least one.
  void Add(std::span<const float> reference, std::span<const float> other, OutputKind kind);
  // Values of one picture that are no scores: as they are, and no picture with a best class.
  void AddValues(std::span<const float> reference, std::span<const float> other);

  int64_t pictures() const { return pictures_; }
  int64_t top1_agreements() const { return top1_agreements_; }
  bool finite() const { return finite_; }  // false: some score was NaN or infinite
  // Absent where it has no value: nothing differs, or not all is finite.
  std::optional<double> sqnr_db() const;

 private:
  void Sum(double reference, double other);

  int64_t pictures_ = 0;
  int64_t top1_agreements_ = 0;
  bool finite_ = true;
  double signal_ = 0;
  double noise_ = 0;
};

}  // namespace sightline::analyze
