// The roofs of this machine for the roofline model (Williams, Waterman and Patterson, "Roofline: an
// insightful visual performance model for multicore architectures", CACM 2009): how many multiply-adds, and
// how many bytes, a number of threads gets through in a second. Measured, not looked up: a data sheet knows
// neither the clock under load nor the neighbours of a virtual machine.
//
// Multiply-adds: each thread repeats fused multiply-adds of fp32 on registers, with the widest vectors the
// machine has. Bytes: each thread repeats the triad a[i] = b[i] + s c[i] of STREAM (McCalpin, 1995) over
// arrays of its own, first written by itself; counted are three accesses of 4 bytes per element, as STREAM
// does, though the processor may read a line before it writes it.
//
// A sample takes about `sample_ns`, and one pass over the working set at least; the threads begin it together
// and it ends with the last of them, so that a core which is missing shows. A millisecond is about what a
// layer takes, so other programs get into the way of samples as often as of layers.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "src/base/clock.h"
#include "src/base/result.h"

namespace sightline::probe {

// Rates of the triad over `working_set_bytes`, all threads and all three arrays together.
struct BandwidthSamples {
  std::string memory;  // "L2 cache", "L3 cache", "memory"
  int64_t working_set_bytes = 0;
  std::vector<double> bytes_per_s;
};

struct RoofSamples {
  int threads = 0;
  std::string vectors;  // "AVX-512"
  std::vector<double> macs_per_s;
  // From the smallest working set to main memory, which is last. A cache the machine doesn't tell of is left
  // out.
  std::vector<BandwidthSamples> bandwidths;
};

// Adds samples to what was measured before, so that they can be spread over a longer time.
class RoofMeter {
 public:
  // `threads` >= 1. `clock` is not owned. Takes the sizes of caches from this machine.
  RoofMeter(int threads, const Clock& clock, int64_t sample_ns = 1'000'000);
  // `samples` more of each rate. Fails when memory or threads are not to be had.
  Status Measure(int samples);
  const RoofSamples& samples() const { return samples_; }

 private:
  const Clock& clock_;
  int64_t sample_ns_;
  RoofSamples samples_;
};

// The working sets to measure, for caches of these sizes (0: not known) and as many threads: half of all L2
// caches; half of the L3 cache; and for main memory four times the last-level cache, 96 MiB at least and 1
// GiB at most. A set that is not at least twice the one before is left out.
std::vector<BandwidthSamples> WorkingSets(int64_t l2_bytes, int64_t l3_bytes, int threads);

}  // namespace sightline::probe
