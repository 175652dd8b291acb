// Real A/A comparisons: `sightline compare --rerun` of one build against itself, many times over. Whatever it
// calls slower or faster is a false alarm.
//
// Usage: aa_bench SIGHTLINE FOLDER [--comparisons 20] [--launches 15] [--duration 1s]
// Launches and comparisons are kept in FOLDER. Exit code 1 when more alarms came than 5 % can explain, 2 when
// a comparison failed.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "bench/clopper_pearson.h"
#include "src/base/text.h"
#include "src/stats/comparison.h"
#include "src/stats/series.h"

namespace sightline::bench {
namespace {

using Json = nlohmann::json;

constexpr double kFalseAlarms = 0.05;  // that a comparison may give

struct Options {
  std::string program;
  std::string folder;
  int comparisons = 20;
  int launches = stats::kDefaultLaunches;
  std::string duration = "1s";
  std::string model = "mobilenet_v1_1.0_224";
  std::string backend = "tensorflow";
};

// What one comparison came to.
struct Outcome {
  std::string verdict;
  double ratio = 0;
  double low = 0;
  double high = 0;

  bool is_alarm() const { return verdict == "slower" || verdict == "faster"; }
  bool misses_one() const { return low > 1 || high < 1; }
  double half_width() const { return std::log(high / low) / 2; }
};

std::optional<Outcome> CompareOnce(const Options& options, int number) {
  const std::string json_file = options.folder + "/aa_" + std::to_string(number) + ".json";
  const std::vector<std::string> arguments = {"compare",
                                              "--rerun",
                                              options.program,
                                              options.program,
                                              "--launches",
                                              std::to_string(options.launches),
                                              "--db",
                                              options.folder + "/aa.db",
                                              "--name",
                                              "aa",
                                              "--json",
                                              json_file,
                                              "--",
                                              "-m",
                                              options.model,
                                              "--backend",
                                              options.backend,
                                              "--duration",
                                              options.duration,
                                              "--warm-up",
                                              "500ms"};
  const std::string command = ShellCommand(options.program, arguments) + " >'" + options.folder +
                              "/output.txt' 2>'" + options.folder + "/progress.txt'";
  std::filesystem::remove(json_file);  // of an earlier run
  std::system(command.c_str());        // its exit code says less than the JSON
  std::ifstream file(json_file);
  const Json json = Json::parse(file, nullptr, false);
  if (json.is_discarded() || !json["trials"][0].contains("ratio_low")) return std::nullopt;
  const Json& trial = json["trials"][0];
  return Outcome{.verdict = trial["verdict"],
                 .ratio = trial["ratio"],
                 .low = trial["ratio_low"],
                 .high = trial["ratio_high"]};
}

int Count(const std::vector<Outcome>& outcomes, bool (Outcome::*is)() const) {
  return static_cast<int>(
      std::count_if(outcomes.begin(), outcomes.end(), [&](const Outcome& o) { return (o.*is)(); }));
}

void PrintShare(const char* what, int hits, int count) {
  std::printf("%-52s %d of %d: %.1f %% [%.1f, %.1f]\n", what, hits, count, 100.0 * hits / count,
              100 * LowerBound(hits, count), 100 * UpperBound(hits, count));
}

int Report(const std::vector<Outcome>& outcomes) {
  const auto count = static_cast<int>(outcomes.size());
  const int alarms = Count(outcomes, &Outcome::is_alarm);
  std::vector<double> half_widths;
  for (const Outcome& outcome : outcomes) half_widths.push_back(outcome.half_width());
  const auto no_change = static_cast<int>(std::count_if(
      outcomes.begin(), outcomes.end(), [](const Outcome& o) { return o.verdict == "no change"; }));
  PrintShare("false alarms (slower or faster)", alarms, count);
  PrintShare("intervals that leave out 1 (5 % by their making)", Count(outcomes, &Outcome::misses_one),
             count);
  PrintShare("no change, said with certainty", no_change, count);
  std::printf("%-52s %.2f %%\n", "half-width of the interval, median",
              100 * stats::MedianOf(std::move(half_widths)));
  const bool met = LowerBound(alarms, count) <= kFalseAlarms;
  std::printf("no more alarms than %.0f %% can explain: %s\n", 100 * kFalseAlarms, met ? "met" : "NOT MET");
  return met ? 0 : 1;
}

int Run(const Options& options) {
  std::filesystem::create_directories(options.folder);
  std::printf("%s, %s, batch 1: %d comparisons of a build with itself, %d launches a side of %s\n",
              options.model.c_str(), options.backend.c_str(), options.comparisons, options.launches,
              options.duration.c_str());
  std::vector<Outcome> outcomes;
  for (int i = 1; i <= options.comparisons; ++i) {
    const auto outcome = CompareOnce(options, i);
    if (!outcome) {
      std::fprintf(stderr, "aa_bench: comparison %d failed; %s/progress.txt says why\n", i,
                   options.folder.c_str());
      return 2;
    }
    std::printf("%3d  %.4f [%.4f, %.4f]  %s\n", i, outcome->ratio, outcome->low, outcome->high,
                outcome->verdict.c_str());
    std::fflush(stdout);
    outcomes.push_back(*outcome);
  }
  return Report(outcomes);
}

int Main(int argc, char** argv) {
  Options options;
  CLI::App app("Real A/A comparisons of one build with itself", "aa_bench");
  app.add_option("sightline", options.program, "the build")->required();
  app.add_option("folder", options.folder, "where everything is kept")->required();
  app.add_option("--comparisons", options.comparisons, "how many")
      ->capture_default_str()
      ->check(CLI::Range(1, 100000));
  app.add_option("--launches", options.launches, "of each side")->capture_default_str();
  app.add_option("--duration", options.duration, "of each launch")->capture_default_str();
  app.add_option("--model", options.model, "what is measured")->capture_default_str();
  app.add_option("--backend", options.backend, "in which framework")->capture_default_str();
  CLI11_PARSE(app, argc, argv);
  return Run(options);
}

}  // namespace
}  // namespace sightline::bench

int main(int argc, char** argv) {
  return sightline::bench::Main(argc, argv);
}
