// How long a launch measures until the stopping rule ends it, against a fixed three windows of 6 s:
// MobileNetV1 and ResNet-50 in TensorFlow at batch 1, the median latency to within 2 % either way. Each round
// launches `sightline run` for both networks, with the rule (18 s at most) and for 18 s without, in turn, so
// that drift of the machine meets all alike.
//
// Usage: stopping_bench SIGHTLINE [LAUNCHES [INPUT]]      exit code 1 when the limit is not met
//
// Limit: in the mean over launches the rule measures for at most a third of the 18 s. A launch that it did
// not stop counts with what it measured.
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <iterator>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "src/flow/run_result.h"
#include "src/stats/across_launches.h"
#include "src/stats/stopping.h"
#include "src/store/result_json.h"
#include "src/study/process.h"

namespace sightline::bench {
namespace {

constexpr const char* kModels[] = {"mobilenet_v1_1.0_224", "resnet50_v1"};
constexpr const char* kPictures = "/usr/share/doc/opencv-doc/examples/data/*.jpg";
constexpr double kWindowsS = 18;
constexpr double kMostShare = 1.0 / 3;
constexpr const char* kHalfWidth = "2%";

template <typename T>
T Must(Result<T> result) {
  if (result.ok()) return std::move(result).value();
  std::fprintf(stderr, "stopping_bench: %s\n", result.error().message().c_str());
  std::exit(2);
}

struct Options {
  std::string program;
  int launches = 5;
  std::string input = kPictures;
};

RunResult Launch(const Options& options, const std::string& model, bool with_rule) {
  const std::string file =
      (std::filesystem::temp_directory_path() / ("stopping_bench_" + std::to_string(getpid()) + ".json"))
          .string();
  study::ProcessSpec spec{
      .name = "run",
      .argv = {options.program, "run", "--quiet", "--model=" + model, "--backend=tensorflow", "--batch=1",
               "--input=" + options.input, "--duration=18s", "--json=" + file}};
  if (with_rule) {
    spec.argv.emplace_back("--stop-quantity=latency_ns_p50");
    spec.argv.push_back(std::string("--stop-half-width=") + kHalfWidth);
  }
  study::ProcessGroup group({.deadline = std::chrono::minutes(5)});
  if (const Status status = group.Start(spec); !status.ok()) Must(Result<int>(status.error()));
  const std::atomic<bool> stop{false};
  const study::GroupOutcome outcome = group.Wait(stop);
  if (outcome.decisive().reason != study::EndReason::kDone) {
    Must(Result<int>(Error(ErrorKind::kUnavailable, model + ": " + outcome.decisive().sentence)));
  }
  RunResult result = Must(store::ReadResult(file));
  std::filesystem::remove(file);
  return result;
}

// A launch's median in ms, and the longer side of its interval as a share of it; nullopt: it has none.
std::optional<double> MedianMs(const RunResult& result) {
  const auto median = FigureOf(result.summary, Quantity::kLatencyP50);
  return median ? std::optional(median->value / 1e6) : std::nullopt;
}
std::optional<double> HalfWidth(const RunResult& result) {
  const auto median = FigureOf(result.summary, Quantity::kLatencyP50);
  if (!median || !median->low || !median->high) return std::nullopt;
  return stats::RelativeHalfWidth(median->value, {.low = *median->low, .high = *median->high});
}

struct Launches {
  std::vector<RunResult> stopped;
  std::vector<RunResult> windows;
};

// How long a launch measured: what was left out of its figures, because inference had not settled, too.
double SpentS(const RunResult& result) {
  const auto& steady = result.summary.steady_state;
  return result.summary.measured_s + (steady ? static_cast<double>(steady->begin_ns) / 1e9 : 0);
}

void PrintLaunch(const RunResult& result) {
  std::printf("  %6.2f s %6lld frames  ", SpentS(result), static_cast<long long>(result.summary.frames));
  const auto median = MedianMs(result);
  const auto half_width = HalfWidth(result);
  if (median && half_width) {
    std::printf("p50 %8.3f ms +-%5.2f %%", *median, 100 * *half_width);
  } else {
    std::printf("%-23s", "no interval of the p50");
  }
}

void PrintAcross(const char* what, const std::vector<RunResult>& results) {
  std::vector<double> medians;
  for (const RunResult& result : results) {
    if (const auto median = MedianMs(result)) medians.push_back(*median);
  }
  if (medians.empty()) {
    std::printf("  %-42s no launch has one\n", what);
    return;
  }
  const stats::LaunchesEstimate across = stats::EstimateAcrossLaunches(medians);
  std::printf("  %-42s %8.3f ms", what, across.mean);
  if (across.interval) {
    std::printf(" [%.3f, %.3f], +-%.2f %%", across.interval->low, across.interval->high,
                100 * (across.interval->high - across.mean) / across.mean);
  }
  std::printf(" over %lld launches\n", static_cast<long long>(across.launches));
}

// One model's part of the report; whether its limit is met.
bool Report(const std::string& model, const Launches& launches) {
  std::printf("%s, tensorflow, batch 1, median to +-%s\n", model.c_str(), kHalfWidth);
  double sum_s = 0;
  double longest_s = 0;
  int reached = 0;
  for (size_t i = 0; i < launches.stopped.size(); ++i) {
    const RunResult& stopped = launches.stopped[i];
    sum_s += SpentS(stopped);
    longest_s = std::max(longest_s, SpentS(stopped));
    reached += stopped.goal_reached.value_or(false) ? 1 : 0;
    PrintLaunch(stopped);
    std::printf(" %-11s |", stopped.goal_reached.value_or(false) ? "" : "not reached");
    PrintLaunch(launches.windows[i]);
    std::printf("\n");
  }
  const auto count = static_cast<double>(launches.stopped.size());
  const double share = sum_s / count / kWindowsS;
  const bool met = share <= kMostShare;
  PrintAcross("median, stopped by the rule", launches.stopped);
  PrintAcross("median, three windows of 6 s", launches.windows);
  std::printf(
      "  reached in %d of %zu launches, after %.2f s in the mean, %.2f s at most = %.3f of %.0f s, limit "
      "%.3f: %s\n",
      reached, launches.stopped.size(), sum_s / count, longest_s, share, kWindowsS, kMostShare,
      met ? "met" : "NOT MET");
  return met;
}

int Main(const Options& options) {
  Launches launches[std::size(kModels)];
  for (int round = 0; round < options.launches; ++round) {
    for (size_t m = 0; m < std::size(kModels); ++m) {
      const bool rule_first = round % 2 == 0;
      for (const bool with_rule : {rule_first, !rule_first}) {
        std::fprintf(stderr, "round %d of %d: %s, %s\n", round + 1, options.launches, kModels[m],
                     with_rule ? "stopping rule" : "18 s");
        auto& results = with_rule ? launches[m].stopped : launches[m].windows;
        results.push_back(Launch(options, kModels[m], with_rule));
      }
    }
  }
  bool met = true;
  std::printf("with the stopping rule                                    | for 18 s\n");
  for (size_t m = 0; m < std::size(kModels); ++m) met = Report(kModels[m], launches[m]) && met;
  return met ? 0 : 1;
}

}  // namespace
}  // namespace sightline::bench

int main(int argc, char** argv) {
  if (argc < 2) {
    std::fprintf(stderr, "usage: stopping_bench SIGHTLINE [LAUNCHES [INPUT]]\n");
    return 2;
  }
  sightline::bench::Options options{.program = argv[1]};
  if (argc > 2) options.launches = std::max(std::atoi(argv[2]), 1);
  if (argc > 3) options.input = argv[3];
  return sightline::bench::Main(options);
}
