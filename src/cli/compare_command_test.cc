// `compare` on results and studies whose figures are made up, so that every verdict is certain.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <atomic>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "src/analyze/test_sides.h"
#include "src/cli/command.h"
#include "src/store/study_export.h"
#include "src/store/study_store.h"

namespace sightline::cli {
namespace {

namespace fs = std::filesystem;
using analyze::testing::Medians;
using analyze::testing::ResultOf;
using Json = nlohmann::json;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

class CompareTest : public ::testing::Test {
 protected:
  CompareTest() : folder_(fs::temp_directory_path() / ("sightline_compare_" + std::to_string(getpid()))) {
    fs::create_directories(folder_);
  }
  ~CompareTest() override { fs::remove_all(folder_); }

  int Compare(std::vector<std::string> arguments) {
    const SteadyClock clock;
    const std::atomic<bool> stop{false};
    out_.str("");
    err_.str("");
    CliEnv env{.clock = clock, .out = out_, .err = err_, .stop = stop, .command_line = "sightline test"};
    arguments.insert(arguments.begin(), "compare");
    arguments.insert(arguments.begin() + 1, {"--db", Path("studies.db")});
    return RunCommandLine(arguments, env);
  }
  std::string Path(const std::string& name) const { return (folder_ / name).string(); }
  std::string Write(const std::string& name, const std::string& text) const {
    fs::create_directories(fs::path(Path(name)).parent_path());
    std::ofstream(Path(name)) << text;
    return Path(name);
  }
  // A folder with a result of each launch.
  std::string WriteResults(const std::string& name, const std::vector<double>& p50_ms, int batch = 1) const {
    for (size_t i = 0; i < p50_ms.size(); ++i) {
      RunResult result = ResultOf(p50_ms[i], "null", batch);
      result.manifest.started_at = "launch " + std::to_string(i);
      Write(name + "/" + std::to_string(batch) + "_" + std::to_string(i) + ".json",
            store::ResultToJson(result));
    }
    return Path(name);
  }
  // A study of one trial in the database; its contents.
  StudyContents StoreStudy(const std::string& name, const std::vector<double>& p50_ms) const {
    auto store = store::StudyStore::Open(Path("studies.db"), store::Access::kWrite);
    EXPECT_TRUE(store.ok());
    std::vector<NewReplicate> replicates;
    for (size_t i = 0; i < p50_ms.size(); ++i) {
      replicates.push_back(
          {.trial_index = 0, .number = static_cast<int>(i), .order = static_cast<int64_t>(i)});
    }
    const StudyContents planned =
        store
            ->CreateStudy({.name = name, .plan_text = "x", .created_at = "2026-01-01T00:00:00Z"},
                          {{.factors = {{"batch", "1"}}, .arguments = {"--batch=1"}}}, replicates)
            .value();
    for (size_t i = 0; i < p50_ms.size(); ++i) {
      ReplicateInfo done = planned.replicates[i];
      done.status = ReplicateStatus::kDone;
      done.result_json = store::ResultToJson(ResultOf(p50_ms[i]));
      EXPECT_TRUE(store->FinishReplicate(done).ok());
    }
    return store->LoadStudy(planned.study.id).value();
  }
  void ExpectRefused(const std::vector<std::string>& arguments, const std::string& sentence) {
    EXPECT_EQ(Compare(arguments), kExitWrongUse);
    EXPECT_THAT(err_.str(), HasSubstr(sentence));
    const std::string text = err_.str();
    EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 1) << text;
  }

  const fs::path folder_;
  std::ostringstream out_;
  std::ostringstream err_;
};

TEST_F(CompareTest, ExitCodesSayTheVerdict) {
  const std::string a = WriteResults("a", Medians(10, 15));
  const std::string b = WriteResults("b", Medians(10.5, 15));
  EXPECT_EQ(Compare({a, b}), kExitNegative) << err_.str();
  EXPECT_THAT(out_.str(), AllOf(HasSubstr("1.050 ["), HasSubstr("verdict: slower (1 slower)")));
  EXPECT_EQ(Compare({b, a}), kExitDone);
  EXPECT_THAT(out_.str(), HasSubstr("verdict: faster"));
  EXPECT_EQ(Compare({a, a}), kExitDone);
  EXPECT_THAT(out_.str(), HasSubstr("verdict: no change"));
  EXPECT_EQ(Compare({a, b, "--threshold", "10%"}), kExitDone) << "within the threshold";
  EXPECT_THAT(out_.str(), HasSubstr("by less than 10 % counts as noise"));
  EXPECT_EQ(Compare({a, b, "--quantity", "throughput_per_s"}), kExitNegative);
  EXPECT_EQ(err_.str(), "");
}

TEST_F(CompareTest, UndecidedPassesUnlessStrict) {
  const std::string a = Write("a.json", store::ResultToJson(ResultOf(10)));
  const std::string b = Write("b.json", store::ResultToJson(ResultOf(20)));
  EXPECT_EQ(Compare({a, b}), kExitDone);
  EXPECT_THAT(out_.str(),
              AllOf(HasSubstr("undecided: model="), HasSubstr("can't tell a change from the luck")));
  EXPECT_EQ(Compare({a, b, "--strict"}), kExitNegative);
}

TEST_F(CompareTest, TrialsOfOneSideAreListedAndStrictMindsThem) {
  const std::string a = WriteResults("a", Medians(10, 15));
  WriteResults("a", Medians(20, 3), 2);
  const std::string b = WriteResults("b", Medians(10, 15));
  EXPECT_EQ(Compare({a, b}), kExitDone) << err_.str();
  EXPECT_THAT(out_.str(), HasSubstr("only in A: batch=2"));
  EXPECT_EQ(Compare({a, b, "--strict"}), kExitNegative);
}

TEST_F(CompareTest, WhatCannotBeComparedIsNoPass) {
  const std::string a = WriteResults("a", Medians(10, 15));
  EXPECT_EQ(Compare({a, a, "--quantity", "latency_ns_p99"}), kExitWrongUse);
  EXPECT_THAT(out_.str(), HasSubstr("not compared: model="));
  EXPECT_THAT(err_.str(), HasSubstr("1 of 1 trials could not be compared"));
  WriteResults("b", Medians(10, 2), 1);
  WriteResults("b", Medians(10, 2), 2);
  WriteResults("c", Medians(10, 2), 4);
  WriteResults("c", Medians(10, 2), 8);
  EXPECT_EQ(Compare({Path("b"), Path("c")}), kExitWrongUse);
  EXPECT_THAT(err_.str(), HasSubstr("no trial of A is one of B, so nothing was compared"));
}

TEST_F(CompareTest, StudiesAreComparedWhereverTheyAre) {
  const StudyContents before = StoreStudy("before", Medians(10, 15));
  StoreStudy("after", Medians(11, 15));
  EXPECT_EQ(Compare({"before", "after"}), kExitNegative) << err_.str();
  EXPECT_THAT(out_.str(), AllOf(HasSubstr("A: before (study 1 in "), HasSubstr("B: after (study 2 in ")));
  const std::string exported = Write("before.json", store::StudyToJson(before));
  EXPECT_EQ(Compare({exported, before.study.uuid.substr(0, 8)}), kExitDone) << err_.str();
  fs::rename(Path("studies.db"), Path("other.db"));
  EXPECT_EQ(Compare({"before@" + Path("other.db"), "2@" + Path("other.db")}), kExitNegative) << err_.str();
  EXPECT_EQ(Compare({exported, WriteResults("r", Medians(10, 15))}), kExitDone) << err_.str();
}

TEST_F(CompareTest, JsonGoesToAFileBesideTheTableOrToStandardOutputAlone) {
  const std::string a = WriteResults("a", Medians(10, 15));
  EXPECT_EQ(Compare({a, a, "--json", "-"}), kExitDone);
  const Json json = Json::parse(out_.str());
  EXPECT_EQ(json["verdict"], "no change");
  EXPECT_EQ(json["trials"][0]["a"]["figures"].size(), 15u);
  EXPECT_EQ(Compare({a, a, "--json", Path("c.json")}), kExitDone);
  EXPECT_THAT(out_.str(), HasSubstr("verdict: no change"));
  EXPECT_TRUE(fs::exists(Path("c.json")));
}

TEST_F(CompareTest, MistakesAreNamedInOneSentence) {
  const std::string a = WriteResults("a", {10});
  const std::string file = Path("a/1_0.json");
  ExpectRefused({a, "nowhere"}, "there is no file or folder nowhere, and as a study: there is no database");
  StoreStudy("there", {10});
  ExpectRefused({a, "nowhere"}, "there is no file or folder nowhere, and as a study: ");
  ExpectRefused({a}, "is missing; name it as B");
  ExpectRefused({a, file, "--quantity", "latency"}, "--quantity: 'latency' is not one of latency_ns_mean, ");
  ExpectRefused({a, file, "--threshold", "1"}, "--threshold: '1' is not a share such as 1%");
  ExpectRefused({a, file, "--launches", "3"}, "--launches requires --rerun");
  ExpectRefused({a, file, "--rerun", "--launches", "1"}, "--launches is 1; from 2 to 1000 can be compared");
  ExpectRefused({a, file, "--rerun", "--duration", "0s"}, "--duration is 0, in which nothing");
  ExpectRefused({a, file, "third"}, "say what --rerun measures; give --rerun too");
  ExpectRefused({a, Path("studies.db")}, "is a database of studies; say which one: STUDY@");
  ExpectRefused({a, Write("x.json", "{}")}, "is neither a result");
  ExpectRefused({a, Write("empty/x.txt", "")}, "is neither a result");
  ExpectRefused({a, Path("empty")}, "holds no .json file");
  Write("mixed/x.json", "{}");
  ExpectRefused({Path("mixed"), a}, "mixed/x.json is not a result of `sightline run --json`");
}

TEST_F(CompareTest, ALaunchCountsOnce) {
  const std::string a = WriteResults("a", Medians(10, 2));
  fs::copy_file(Path("a/1_0.json"), Path("a/latest.json"));
  ExpectRefused({a, a},
                "a/1_0.json and " + Path("a/latest.json") + " are the same launch, which counts once");
}

TEST_F(CompareTest, AFileThatWasCutOffIsCalledThat) {
  const std::string whole = store::ResultToJson(ResultOf(10));
  const std::string a = Write("a.json", whole.substr(0, whole.size() / 2));
  ExpectRefused({a, a}, "a.json is no whole JSON; it may have been cut off");
}

// CLI11 takes the first word behind -- for B where B was forgotten.
TEST_F(CompareTest, ASideForgottenBeforeTheDashesIsMissed) {
  const std::string build = Write("sightline", "#!/bin/sh\n");
  fs::permissions(build, fs::perms::owner_all);
  ExpectRefused({"--rerun", build, "--", "-m", "model"}, "both A and B have to be named before --");
}

TEST_F(CompareTest, ADatabaseThatIsNotThereIsNotMadeToResume) {
  ExpectRefused({"comparison", "--resume"}, "there is no database");
  EXPECT_FALSE(fs::exists(Path("studies.db")));
}

TEST_F(CompareTest, AStudyOfAnotherDatabaseMayBeResumed) {
  StoreStudy("plain", {10});
  fs::rename(Path("studies.db"), Path("other.db"));
  ExpectRefused({"plain@" + Path("other.db"), "--resume"}, "plain is no comparison; `sightline study resume");
}

TEST_F(CompareTest, BuildsHaveTheirPlace) {
  const std::string a = WriteResults("a", {10});
  const std::string build = Write("sightline", "#!/bin/sh\n");
  ExpectRefused({a, build}, "is neither a result");  // nor a program, as long as nobody may execute it
  fs::permissions(build, fs::perms::owner_all);
  ExpectRefused({a, build}, "is a program; --rerun measures with it");
  ExpectRefused({build, build, "--rerun"}, "two builds need trials to be compared on: --plan PLAN, or");
  ExpectRefused({build, build, "--rerun", "--plan", "nowhere.yaml"}, "there is no file nowhere.yaml");
  ExpectRefused({a, build, "--rerun", "--plan", "plans/quick.yaml"}, "brings trials of its own");
  EXPECT_FALSE(fs::exists(Path("studies.db"))) << "nothing is begun";
}

// Measuring again what differs only in what can't be measured again would pass whatever B is.
TEST_F(CompareTest, RerunRefusesToCompareAThingWithItself) {
  RunResult result = ResultOf(10);
  const std::string a = Write("a.json", store::ResultToJson(result));
  result.manifest.build = "another";
  result.manifest.machine.kernel = "another";
  ExpectRefused({a, Write("b.json", store::ResultToJson(result)), "--rerun"},
                "A and B differ in build, kernel, which --rerun can't bring back");
  // Longer measuring does not make it another thing.
  result.manifest.limits = RunLimits{.duration = std::chrono::seconds(5)};
  ExpectRefused({a, Write("b.json", store::ResultToJson(result)), "--rerun"},
                "A and B differ in build, kernel, which --rerun can't bring back");
  // Two builds of one commit with changes say the same of themselves.
  ExpectRefused({a, Write("c.json", store::ResultToJson(ResultOf(11))), "--rerun"},
                "nothing that A and B keep tells --rerun what to do differently for B");
  EXPECT_FALSE(fs::exists(Path("studies.db"))) << "nothing is begun";
}

}  // namespace
}  // namespace sightline::cli
