// `sightline compare --rerun` as a user runs it, on the null backend. One side waits 20 ms where the other
// waits none, so that no machine is too noisy to tell; means are compared, which every launch has.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <nlohmann/json.hpp>

#include "tests/end_to_end/program.h"

namespace sightline::end_to_end {
namespace {

using ::testing::AllOf;
using ::testing::ContainsRegex;
using ::testing::HasSubstr;
using ::testing::Not;
using Json = nlohmann::json;

const std::string kTrial =
    "-m mobilenet_v1_0.25_128 --backend null --input tests/data/pictures --iterations 6 --warm-up 0s";
const std::string kSlow = " --option delay_us=20000";

class Compare : public ::testing::Test {
 protected:
  Finished Run(const std::string& arguments) const {
    return RunProgram("compare " + arguments + " --quantity latency_ns_mean --db '" + (folder_ / "c.db") +
                      "'");
  }
  // The same with arguments of `run` behind it.
  Finished RunBuilds(const std::string& arguments) const {
    return RunProgram("compare --rerun " + arguments + " --quantity latency_ns_mean --db '" +
                      (folder_ / "c.db") + "' -- " + kTrial);
  }
  std::string Measure(const std::string& name, const std::string& more) const {
    const Finished f = RunProgram("run " + kTrial + more + " --quiet --json '" + (folder_ / name) + "'");
    EXPECT_EQ(f.exit_code, 0) << f.err;
    return "'" + (folder_ / name) + "'";
  }
  // Another build: the program under test behind a script that does this first; `$@` are its arguments.
  std::string Build(const std::string& name, const std::string& script) const {
    const std::string path = folder_ / name;
    std::ofstream(path) << "#!/bin/sh\n"
                        << script << "\nexec '" << std::getenv("SIGHTLINE_BINARY") << "' \"$@\"\n";
    std::filesystem::permissions(path, std::filesystem::perms::owner_all);
    return "'" + path + "'";
  }
  std::string SlowBuild() const { return Build("slow", "set -- \"$@\"" + kSlow); }
  Json Exported(const std::string& study) const {
    const Finished f = RunProgram("study export " + study + " --json - --db '" + (folder_ / "c.db") + "'");
    EXPECT_EQ(f.exit_code, 0) << f.err;
    return Json::parse(f.out, nullptr, false);
  }

  const TemporaryFolder folder_;
};

TEST_F(Compare, ResultsAreMeasuredAnewInRoundsAndKept) {
  const std::string fast = Measure("fast.json", "");
  const std::string slow = Measure("slow.json", kSlow);
  EXPECT_EQ(Run(fast + " " + slow).exit_code, 0) << "one launch of each can't tell";

  const Finished f =
      Run("--rerun " + fast + " " + slow + " --launches 5 --json '" + (folder_ / "c.json") + "'");
  EXPECT_EQ(f.exit_code, 1) << f.err;
  EXPECT_THAT(f.err, AllOf(HasSubstr("comparison 1 (comparison) in "), HasSubstr("10 replicates to do"),
                           HasSubstr("[10/10] side=")));
  EXPECT_THAT(f.out, AllOf(HasSubstr("fast.json, measured anew"), HasSubstr("compared round by round"),
                           HasSubstr("differs: option.delay_us: A -; B 20000"),
                           HasSubstr("verdict: slower (1 slower)")));
  const Json json = Json::parse(Contents(folder_ / "c.json"));
  EXPECT_EQ(json["pairing"], "by_round");
  EXPECT_EQ(json["trials"][0]["a"]["figures"].size(), 5u);
  EXPECT_GT(json["trials"][0]["ratio"], 2);

  // Every launch is there, in rounds, each with both sides once.
  const Json study = Exported("comparison");
  ASSERT_EQ(study["replicates"].size(), 10u);
  for (size_t i = 0; i < 10; i += 2) {
    EXPECT_EQ(study["replicates"][i]["launch"], i / 2);
    EXPECT_EQ(study["replicates"][i + 1]["launch"], i / 2);
    EXPECT_NE(study["replicates"][i]["trial"], study["replicates"][i + 1]["trial"]);
    EXPECT_EQ(study["replicates"][i]["result"]["batches"], 6);
  }
  // And is judged again without measuring, as it is stored or as it was exported.
  EXPECT_EQ(Run("comparison").out, f.out);
  std::ofstream(folder_ / "exported.json") << study;
  EXPECT_EQ(Run("'" + (folder_ / "exported.json") + "'").exit_code, 1);
  EXPECT_EQ(Run("--rerun comparison --launches 4").exit_code, 1) << "the same measured once more";
}

TEST_F(Compare, MeasuredAnewTheyCalibrateAsBefore) {
  const std::string coffee = "tests/data/pictures/coffee.jpg";
  const std::string input = Measure("input.json", "");
  const std::string other = Measure("other.json", " --calibration " + coffee + " --calibration-pictures 1");
  const Finished f = Run("--rerun " + input + " " + other + " --launches 2");
  EXPECT_LE(f.exit_code, 1) << f.err;
  EXPECT_THAT(f.out, HasSubstr("differs: calibration: A default; B " + coffee));
  int told = 0;
  const Json study = Exported("comparison");
  for (const Json& replicate : study["replicates"]) {
    if (replicate["result"]["manifest"]["trial"].value("calibration", "") != coffee) continue;
    EXPECT_THAT(replicate["result"]["manifest"]["command_line"].get<std::string>(),
                HasSubstr("--calibration-pictures=1"));
    ++told;
  }
  EXPECT_EQ(told, 2) << "B's launches";
}

TEST_F(Compare, EachBuildMeasuresItsSide) {
  const std::string fast = Build("fast", "");
  const Finished slower = RunBuilds(fast + " " + SlowBuild() + " --launches 5");
  EXPECT_EQ(slower.exit_code, 1) << slower.err;
  EXPECT_THAT(slower.out, AllOf(HasSubstr("A: " + (folder_ / "fast")), HasSubstr("verdict: slower")));
  const Finished faster = RunBuilds(SlowBuild() + " " + fast + " --launches 5");
  EXPECT_EQ(faster.exit_code, 0) << faster.err;
  EXPECT_THAT(faster.out, HasSubstr("verdict: faster"));
  const Finished stored = Run("--rerun " + Measure("fast.json", "") + " " + SlowBuild() + " --launches 5");
  EXPECT_EQ(stored.exit_code, 1) << "the trial of the result, by this program and by the build\n"
                                 << stored.err;
}

TEST_F(Compare, ABuildOnItsOwnTrialsNeedsAnother) {
  const std::string result = Measure("fast.json", "");
  const Finished f = Run("--rerun " + result + " " + std::getenv("SIGHTLINE_BINARY"));
  EXPECT_EQ(f.exit_code, 2);
  EXPECT_THAT(f.err, HasSubstr("both sides would be measured by the same program with the same arguments"));
}

TEST_F(Compare, APlanGivesTheTrials) {
  std::ofstream(folder_ / "plan.yaml")
      << "sightline_plan: 1\nname: small\n"
         "settings: {input: tests/data/pictures, iterations: 6, warm_up: 0s, model: mobilenet_v1_0.25_128}\n"
         "factors: {backend: ['null'], batch: [1, 2]}\n";
  const Finished f = Run("--rerun " + Build("fast", "") + " " + SlowBuild() + " --launches 5 --plan '" +
                         (folder_ / "plan.yaml") + "'");
  EXPECT_EQ(f.exit_code, 1) << f.err;
  EXPECT_THAT(f.out, AllOf(ContainsRegex("batch +launches"), HasSubstr("2 comparisons at once"),
                           HasSubstr("verdict: slower (2 slower)")));
}

// The third launch of B sends Ctrl-C to the comparison.
TEST_F(Compare, AnInterruptedComparisonIsKeptAndGoesOn) {
  const std::string count = folder_ / "count";
  const std::string slow = Build("slow", "echo x >>'" + count + "'\n[ $(wc -l <'" + count +
                                             "') != 3 ] || kill -INT $PPID\nset -- \"$@\"" + kSlow);
  const Finished stopped = RunBuilds(Build("fast", "") + " " + slow + " --launches 5 --name stopped");
  EXPECT_EQ(stopped.exit_code, 3) << stopped.err;
  EXPECT_THAT(stopped.err, HasSubstr("stopped; `sightline compare 1 --resume --db "));
  const Finished meanwhile = Run("stopped");
  EXPECT_THAT(meanwhile.out, HasSubstr(" 2 "));
  EXPECT_EQ(meanwhile.exit_code, 3) << "no verdict before the last launch";
  EXPECT_THAT(meanwhile.err, HasSubstr(" launches are still to be measured, so the verdict is not final"));
  EXPECT_GT(Json::parse(Run("stopped --json -").out, nullptr, false)["launches_left"], 0);
  const Finished study = RunProgram("study resume stopped --db '" + (folder_ / "c.db") + "'");
  EXPECT_EQ(study.exit_code, 2);
  EXPECT_THAT(study.err, HasSubstr("`sightline compare stopped --resume --db "));

  const Finished resumed = Run("stopped --resume");
  EXPECT_EQ(resumed.exit_code, 1) << resumed.err;
  EXPECT_THAT(resumed.err, AllOf(HasSubstr("[10/10]"), Not(HasSubstr("[4/10]"))));
  EXPECT_EQ(Exported("stopped")["replicates"].size(), 10u);
}

// The third launch of B crashes: a round is lost, the others are compared, and the exit code says so.
TEST_F(Compare, ALostLaunchCostsItsRoundAlone) {
  const std::string count = folder_ / "count";
  const std::string flaky =
      Build("flaky", "echo x >>'" + count + "'\n[ $(wc -l <'" + count + "') != 3 ] || kill -SEGV $$");
  const Finished f = RunBuilds(SlowBuild() + " " + flaky + " --launches 6");
  EXPECT_EQ(f.exit_code, 3) << f.out << f.err;
  EXPECT_THAT(f.out,
              AllOf(HasSubstr("failed: B: model=mobilenet_v1_0.25_128 backend=null: launch 3: crashed: "),
                    HasSubstr("1 round in which a side has no figure"), HasSubstr("verdict: faster")));
  EXPECT_EQ(Run("comparison").exit_code, 3) << "nor does it forget what was lost";
}

TEST_F(Compare, ABuildThatCannotMeasureIsNoPass) {
  const Finished f = RunBuilds(Build("fast", "") + " " + Build("broken", "exit 2") + " --launches 2");
  EXPECT_EQ(f.exit_code, 2) << f.out;
  EXPECT_THAT(f.out, AllOf(HasSubstr("every launch of B failed"), HasSubstr("verdict: not compared")));
  EXPECT_THAT(f.err, HasSubstr("1 of 1 trials could not be compared"));
}

}  // namespace
}  // namespace sightline::end_to_end
