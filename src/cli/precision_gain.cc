#include "src/cli/precision_gain.h"

#include <utility>
#include <vector>

#include "src/cli/inference_time.h"
#include "src/stats/comparison.h"

namespace sightline::cli {
namespace {

// A pipeline with pictures ready to be inferred again and again.
class Contender {
 public:
  static Result<Contender> Prepare(pipeline::Pipeline& pipeline, int batch) {
    Contender contender(pipeline);
    for (int i = 0; i < batch; ++i) {
      pipeline::Slot& slot = pipeline.slot(i);
      slot.Clear();
      SIGHTLINE_RETURN_IF_ERROR(pipeline.Prepare(slot));
      contender.slots_.push_back(&slot);
    }
    return contender;
  }

  Status Measure() {
    SIGHTLINE_RETURN_IF_ERROR(InferAgain(*pipeline_, slots_).status());
    SIGHTLINE_ASSIGN_OR_RETURN(const double ns, InferAgain(*pipeline_, slots_));
    times_ns_.push_back(ns);
    return OkStatus();
  }

  const std::vector<double>& times_ns() const { return times_ns_; }

 private:
  explicit Contender(pipeline::Pipeline& pipeline) : pipeline_(&pipeline) {}

  pipeline::Pipeline* pipeline_;
  std::vector<pipeline::Slot*> slots_;
  std::vector<double> times_ns_;
};

}  // namespace

Result<std::optional<PrecisionGain>> MeasureGain(pipeline::Pipeline& fp32, pipeline::Pipeline& lower,
                                                 int batch, int rounds, const std::atomic<bool>& stop) {
  SIGHTLINE_ASSIGN_OR_RETURN(Contender a, Contender::Prepare(fp32, batch));
  SIGHTLINE_ASSIGN_OR_RETURN(Contender b, Contender::Prepare(lower, batch));
  for (int round = 0; round < rounds && !stop; ++round) {
    Contender& first = round % 2 == 0 ? a : b;
    Contender& second = round % 2 == 0 ? b : a;
    SIGHTLINE_RETURN_IF_ERROR(first.Measure());
    SIGHTLINE_RETURN_IF_ERROR(second.Measure());
  }
  if (a.times_ns().empty()) return std::optional<PrecisionGain>();
  const stats::Comparison comparison = stats::Compare(b.times_ns(), a.times_ns(), stats::Pairing::kByRound);
  return std::optional(PrecisionGain{.speedup = comparison.ratio,
                                     .interval = comparison.interval,
                                     .rounds = static_cast<int>(a.times_ns().size())});
}

}  // namespace sightline::cli
