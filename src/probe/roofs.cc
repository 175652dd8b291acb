#include "src/probe/roofs.h"

#include <algorithm>
#include <barrier>
#include <functional>
#include <memory>
#include <new>
#include <system_error>
#include <thread>

#include "src/probe/probe.h"
#include "src/probe/roof_kernels.h"

namespace sightline::probe {
namespace {

constexpr int kArrays = 3;
constexpr int64_t kMiB = int64_t{1} << 20;

// One thread's part: does `amount` of work and returns how much it was.
using Work = std::function<int64_t(int thread, int64_t amount)>;

// What all threads did in how long, each asked for `amount`.
struct Timed {
  int64_t done = 0;
  int64_t ns = 0;
};

// The threads wait for each other before they begin: the time is from there to the end of the last.
Timed RunTogether(int threads, const Clock& clock, int64_t amount, const Work& work) {
  std::vector<Timed> parts(static_cast<size_t>(threads));
  std::vector<int64_t> begins(parts.size());
  std::vector<int64_t> ends(parts.size());
  std::barrier together(threads);
  const auto body = [&](int thread) {
    const auto i = static_cast<size_t>(thread);
    together.arrive_and_wait();
    begins[i] = clock.NowNs();
    parts[i].done = work(thread, amount);
    ends[i] = clock.NowNs();
  };
  {
    std::vector<std::jthread> others;
    try {
      for (int t = 1; t < threads; ++t) others.emplace_back(body, t);
    } catch (const std::system_error&) {
      // Those that did start are not to wait for those that did not.
      for (size_t missing = others.size(); missing < parts.size(); ++missing) together.arrive_and_drop();
      throw;
    }
    body(0);
  }
  Timed all;
  for (const Timed& part : parts) all.done += part.done;
  all.ns = *std::max_element(ends.begin(), ends.end()) - *std::min_element(begins.begin(), begins.end());
  return all;
}

// Grows the amount until a run takes most of `sample_ns`, then takes the samples.
void TakeSamples(int threads, const Clock& clock, int64_t sample_ns, int count, const Work& work,
                 std::vector<double>& rates) {
  int64_t amount = 1;
  for (int64_t ns = 0; ns < sample_ns / 2;) {
    ns = std::max<int64_t>(RunTogether(threads, clock, amount, work).ns, 1);
    if (ns < sample_ns / 2) amount *= std::clamp<int64_t>(sample_ns / ns, 2, 16);
  }
  for (int i = 0; i < count; ++i) {
    const Timed timed = RunTogether(threads, clock, amount, work);
    rates.push_back(static_cast<double>(timed.done) * 1e9 /
                    static_cast<double>(std::max<int64_t>(timed.ns, 1)));
  }
}

// One thread's three arrays.
struct Arrays {
  std::unique_ptr<float[]>
      memory;           // NOLINT(modernize-avoid-c-arrays): not to be written before its thread does
  size_t elements = 0;  // of each
};

// Each thread writes its own first, so that they lie in memory near it.
std::vector<Arrays> MakeArrays(int threads, int64_t working_set_bytes) {
  std::vector<Arrays> arrays(static_cast<size_t>(threads));
  const auto elements = static_cast<size_t>(working_set_bytes) / sizeof(float) / kArrays / arrays.size();
  for (Arrays& own : arrays) {
    own.elements = std::max<size_t>(elements, 1);
    own.memory.reset(new float[own.elements * kArrays]);
  }
  std::vector<std::jthread> writers;
  for (Arrays& own : arrays) {
    writers.emplace_back([&own] { std::fill_n(own.memory.get(), own.elements * kArrays, 1.0F); });
  }
  return arrays;
}

void MeasureBandwidth(int threads, const Clock& clock, int64_t sample_ns, int samples,
                      const RoofKernels& kernels, BandwidthSamples& bandwidth) {
  const std::vector<Arrays> arrays = MakeArrays(threads, bandwidth.working_set_bytes);
  const Work triads = [&](int thread, int64_t passes) {
    const Arrays& own = arrays[static_cast<size_t>(thread)];
    float* const a = own.memory.get();
    for (int64_t pass = 0; pass < passes; ++pass) {
      kernels.triad(a, a + own.elements, a + 2 * own.elements, 0.5F, own.elements);
    }
    return passes * static_cast<int64_t>(own.elements * sizeof(float)) * kArrays;
  };
  TakeSamples(threads, clock, sample_ns, samples, triads, bandwidth.bytes_per_s);
}

}  // namespace

std::vector<BandwidthSamples> WorkingSets(int64_t l2_bytes, int64_t l3_bytes, int threads) {
  constexpr int64_t kLeastForMemory = 96 * kMiB;
  constexpr int64_t kMostForMemory = 1024 * kMiB;
  const int64_t all_l2 = l2_bytes * threads;
  const int64_t last_level = std::max(all_l2, l3_bytes);
  std::vector<BandwidthSamples> sets;
  const auto add = [&sets](const char* memory, int64_t bytes) {
    if (bytes > 0 && (sets.empty() || bytes >= 2 * sets.back().working_set_bytes)) {
      sets.push_back({memory, bytes, {}});
    }
  };
  add("L2 cache", all_l2 / 2);
  add("L3 cache", l3_bytes / 2);
  const int64_t memory = std::clamp(4 * last_level, kLeastForMemory, kMostForMemory);
  while (!sets.empty() && memory < 2 * sets.back().working_set_bytes) sets.pop_back();
  add("memory", memory);
  return sets;
}

RoofMeter::RoofMeter(int threads, const Clock& clock, int64_t sample_ns)
    : clock_(clock), sample_ns_(sample_ns) {
  const CacheSizes caches = ProbeMachine().caches;
  samples_.threads = threads;
  samples_.vectors = UsableRoofKernels().front().vectors;
  samples_.bandwidths = WorkingSets(caches.l2_bytes.value_or(0), caches.l3_bytes.value_or(0), threads);
}

Status RoofMeter::Measure(int samples) {
  const RoofKernels kernels = UsableRoofKernels().front();
  const int threads = samples_.threads;
  try {
    TakeSamples(
        threads, clock_, sample_ns_, samples,
        [&](int, int64_t thousands) { return kernels.multiply_adds(thousands * 1000); }, samples_.macs_per_s);
    for (BandwidthSamples& bandwidth : samples_.bandwidths) {
      MeasureBandwidth(threads, clock_, sample_ns_, samples, kernels, bandwidth);
    }
  } catch (const std::bad_alloc&) {
    return Error(ErrorKind::kResourceExhausted,
                 "there is no memory to measure its own bandwidth in; close other programs");
  } catch (const std::system_error& error) {
    return Error(ErrorKind::kResourceExhausted,
                 "no thread can be started to measure the machine's roofs: " + std::string(error.what()));
  }
  return OkStatus();
}

}  // namespace sightline::probe
