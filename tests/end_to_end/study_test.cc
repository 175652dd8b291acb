// `sightline study` as a user runs it: a plan to a table, with backends that fail in their ways.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>

#include "tests/end_to_end/program.h"

namespace sightline::end_to_end {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;
using Json = nlohmann::json;

constexpr const char* kSettings =
    "sightline_plan: 1\n"
    "name: small\n"
    "settings: {input: tests/data/pictures, iterations: 20, warm_up: 0s, model: mobilenet_v1_0.25_128}\n";

class Study : public ::testing::Test {
 protected:
  // The plan's file, as a command takes it.
  std::string Plan(const std::string& text) const {
    std::ofstream(folder_ / "plan.yaml") << kSettings << text;
    return "'" + (folder_ / "plan.yaml") + "'";
  }
  Finished Run(const std::string& arguments) const {
    return RunProgram("study " + arguments + " --db '" + (folder_ / "studies.db") + "'");
  }
  Json Exported() const {
    const Finished f = Run("export small --json -");
    EXPECT_EQ(f.exit_code, 0) << f.err;
    return Json::parse(f.out, nullptr, false);
  }

  const TemporaryFolder folder_;
};

TEST_F(Study, MeasuresEveryTrialAndShowsIt) {
  const std::string plan = Plan("factors: {backend: ['null'], batch: [1, 2]}\nreplicates: 2\n");
  const Finished dry = Run("run " + plan + " --dry-run");
  EXPECT_EQ(dry.exit_code, 0) << dry.err;
  EXPECT_THAT(dry.out, HasSubstr("2 trials, 2 launches of each"));
  EXPECT_FALSE(std::filesystem::exists(folder_ / "studies.db")) << "a dry run leaves nothing";

  const Finished f = Run("run " + plan);
  ASSERT_EQ(f.exit_code, 0) << f.err;
  EXPECT_THAT(f.err, AllOf(HasSubstr("4 replicates to do"), HasSubstr("[4/4] ")));
  EXPECT_THAT(f.out, AllOf(HasSubstr("launches"), HasSubstr("null"), HasSubstr("across launches")));
  EXPECT_EQ(Run("show small").out, f.out);
  EXPECT_THAT(Run("show small --components").out,
              AllOf(HasSubstr(f.out), HasSubstr("frames worth measuring")));
  EXPECT_THAT(Run("list").out, HasSubstr("small"));
  // Whatever else is found, the null backend's outputs are constant.
  EXPECT_EQ(Run("show small").exit_code, 0);
  EXPECT_EQ(Run("show small --strict").exit_code, 1);

  const Json study = Exported();
  ASSERT_EQ(study["replicates"].size(), 4U);
  for (const Json& replicate : study["replicates"]) {
    EXPECT_EQ(replicate["status"], "done");
    EXPECT_GT(replicate["result"]["throughput_per_s"], 0);
    EXPECT_EQ(replicate["result"]["batches"], 20);
  }
  EXPECT_EQ(Run("export small --csv '" + (folder_ / "s.csv") + "'").exit_code, 0);
  EXPECT_THAT(Contents(folder_ / "s.csv"), HasSubstr("trial,backend,batch,launch,order,status"));

  const Finished again = Run("resume small");
  EXPECT_EQ(again.exit_code, 0) << again.err;
  EXPECT_THAT(again.err, HasSubstr("nothing left to do"));
  const Finished import = RunProgram("study import '" + (folder_ / "studies.db") + "' --origin pi4 --db '" +
                                     (folder_ / "joined.db") + "'");
  EXPECT_THAT(import.out, HasSubstr("1 studies and 4 finished replicates were new")) << import.err;
  EXPECT_THAT(RunProgram("study list --db '" + (folder_ / "joined.db") + "'").out, HasSubstr("pi4"));
}

TEST_F(Study, EveryLaunchCalibratesAsThePlanSays) {
  const std::string coffee = "tests/data/pictures/coffee.jpg";
  const std::string plan = Plan("factors: {backend: ['null'], calibration: [default, " + coffee +
                                "], calibration_pictures: [1]}\nreplicates: 1\n");
  const Finished f = Run("run " + plan);
  ASSERT_EQ(f.exit_code, 0) << f.err;
  const Json study = Exported();
  ASSERT_EQ(study["replicates"].size(), 2U);
  int told = 0;
  for (const Json& replicate : study["replicates"]) {
    const std::string command = replicate["result"]["manifest"]["command_line"];
    EXPECT_THAT(command, HasSubstr("--calibration-pictures=1"));
    if (replicate["result"]["manifest"]["trial"].value("calibration", "") == coffee) ++told;
  }
  EXPECT_EQ(told, 1);
}

TEST_F(Study, WithoutRoomForResultsUnderWayThereIsNoStudy) {
  const std::string run = "study run " + Plan("factors: {backend: ['null']}\nreplicates: 1\n") + " --db '" +
                          (folder_ / "studies.db") + "'";
  const Finished refused = RunProgram(run, {{"TMPDIR", "/proc"}});
  EXPECT_EQ(refused.exit_code, 2);
  EXPECT_THAT(refused.err, HasSubstr("can't make a folder under /proc"));
  EXPECT_FALSE(std::filesystem::exists(folder_ / "studies.db"));
  // What is no folder is passed over for /tmp, as other programs do.
  const Finished f = RunProgram(run, {{"TMPDIR", folder_ / "nowhere"}});
  EXPECT_EQ(f.exit_code, 0) << f.err;
}

TEST_F(Study, LaunchesStopByTheQuantityThePlanNames) {
  const Finished f = Run("run " + Plan("factors: {backend: ['null']}\nreplicates: 1\n"
                                       "stop: {quantity: throughput_per_s, half_width: 90%}\n"));
  ASSERT_EQ(f.exit_code, 0) << f.err << f.out;
  const Json stop = Exported()["replicates"][0]["result"]["manifest"]["limits"]["stop"];
  EXPECT_EQ(stop["quantity"], "throughput_per_s");
  EXPECT_EQ(stop["half_width"], 0.9);
}

TEST_F(Study, FinishesBesideBackendsThatCrashHangAndEatMemory) {
  const Finished f = RunProgram(
      "study run " +
          Plan("factors: {backend: [crashing, hanging, memory_eating, flaky]}\nreplicates: 1\n"
               "limits: {replicate_timeout: 8s, memory: 512MiB}\n") +
          " --db '" + (folder_ / "studies.db") + "'",
      {{"SIGHTLINE_BACKEND_PATH", FAULTY_BACKENDS}, {"SIGHTLINE_FLAKY_FILE", folder_ / "launches"}});
  EXPECT_EQ(f.exit_code, 3) << "what could be measured is kept\n" << f.err;
  EXPECT_THAT(f.out, AllOf(HasSubstr("backend=crashing: launch 1: crashed: "),
                           HasSubstr("backend=hanging: launch 1: timed_out: took more than 8 s"),
                           HasSubstr("backend=memory_eating: launch 1: out_of_memory: "),
                           Not(HasSubstr("backend=flaky: launch"))));
  const Json study = Exported();
  int done = 0;
  for (const Json& replicate : study["replicates"]) done += replicate["status"] == "done" ? 1 : 0;
  EXPECT_EQ(done, 1);
  EXPECT_EQ(Run("resume small").exit_code, 3) << "what failed in an earlier session failed all the same";
}

TEST_F(Study, MistakesAreNamedBeforeAnythingIsBegun) {
  const Finished plan = Run("run " + Plan("factors: {backend: ['null'], batc: [1]}\n"));
  EXPECT_EQ(plan.exit_code, 2);
  EXPECT_THAT(plan.err, AllOf(HasSubstr("plan.yaml:4:"), HasSubstr("did you mean batch")));
  const Finished missing = Run("run nowhere.yaml");
  EXPECT_EQ(missing.exit_code, 2);
  EXPECT_THAT(missing.err, HasSubstr("nowhere.yaml"));
  EXPECT_FALSE(std::filesystem::exists(folder_ / "studies.db"));
  EXPECT_EQ(Run("show small").exit_code, 2);
  EXPECT_EQ(RunProgram("study export x").exit_code, 2);
}

TEST(Plans, TheReadyOnesExpand) {
  for (const std::string name : {"quick", "recognition"}) {
    const Finished f = RunProgram("study run plans/" + name + ".yaml --dry-run");
    EXPECT_EQ(f.exit_code, 0) << f.err;
    EXPECT_THAT(f.out, AllOf(HasSubstr("launches of each"), HasSubstr("or less where the stopping rule")));
  }
}

}  // namespace
}  // namespace sightline::end_to_end
