// What bounds a layer, by the roofline model: its work against what the machine can do at most
// (probe/roofs.h).
//
// A layer's least time is the longer of its multiply-adds at the machine's peak and its bytes at the
// machine's bandwidth. Which bandwidth: layers hand tensors on through caches. Its activations (read and
// written) are charged at the bandwidth measured with the smallest working set that is at least as large as
// they are; its weights, which come round once per inference, at that of the smallest working set that holds
// the weights of the whole network.
//
// Verdicts, for a layer whose measured time is not far above its least time (kFar):
//   compute-bound  the multiply-adds take longer than the bytes
//   memory-bound   the bytes take longer
// and for one that is far above it:
//   overhead-bound its least time is below kTinyNs: what a framework spends to get at a layer at all (find
//   it,
//                  hand it to a pool of threads, wake them, wait for all) is more than the layer
//   inefficient    it has work enough; the framework's kernel leaves the machine idle. The model can't say
//   why
// undecided: where the 95 % intervals of the time and of the roofs allow for more than one of these.
// unknown: nothing is known of its work.
//
// kFar = 4: well-made convolutions reach a half to nearly all of the peak, what streams through memory about
// as much of the bandwidth; below a quarter the roof explains nothing. (NVIDIA's Nsight Compute draws the
// line at 60 % of each, for kernels on a device of its own; a CPU's clock and neighbours make that too
// strict.) kTinyNs = 20 us: handing work to a pool of threads and waiting for it costs some 5 to 20 us on
// Linux, the bookkeeping of an operator one or a few.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "src/flow/run_result.h"

namespace sightline::analyze {

constexpr double kFar = 4;
constexpr double kTinyNs = 20'000;

// A figure and how far it may be off, low <= value <= high.
struct Range {
  double value = 0;
  double low = 0;
  double high = 0;
};

// The interval of `estimate`, or the figure alone where there is none.
Range RangeOf(const Estimate& estimate);

struct BandwidthRoof {
  std::string memory;  // "L2 cache", "memory"
  int64_t working_set_bytes = 0;
  Estimate bytes_per_s;
};

struct Roofs {
  int threads = 0;
  std::string vectors;                    // "AVX-512"
  Estimate macs_per_s;                    // fp32
  std::vector<BandwidthRoof> bandwidths;  // by working set; the last is main memory. At least one
};

struct LayerWork {
  int64_t macs = 0;
  int64_t weight_bytes = 0;
  int64_t activation_bytes = 0;  // read and written

  int64_t bytes() const { return weight_bytes + activation_bytes; }
};

enum class Verdict { kUnknown, kComputeBound, kMemoryBound, kOverheadBound, kInefficient, kUndecided };
std::string_view VerdictName(Verdict verdict);  // "compute-bound", ..., "unknown"

struct RooflinePoint {
  Verdict verdict = Verdict::kUnknown;
  double least_ns = 0;  // 0: unknown
};

// `time_ns` > 0: measured. `network_weight_bytes`: of all layers.
RooflinePoint Judge(const LayerWork& work, const Range& time_ns, const Roofs& roofs,
                    int64_t network_weight_bytes);

}  // namespace sightline::analyze
