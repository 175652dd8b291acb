#include "src/store/exported_study.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "src/store/study_export.h"
#include "src/store/test_studies.h"

namespace sightline::store {
namespace {

using ::testing::HasSubstr;

StudyContents Example() {
  StudyContents contents{.study = testing::SomeStudy(), .trials = testing::SomeTrials(2)};
  for (TrialInfo& trial : contents.trials) trial.id = 10 + trial.index;
  contents.replicates.push_back(testing::DoneReplicate(7));
  contents.replicates.back().trial_id = 11;
  contents.replicates.push_back({.id = 8,
                                 .trial_id = 10,
                                 .number = 1,
                                 .order = 1,
                                 .status = ReplicateStatus::kFailed,
                                 .failure = FailureReason::kCrashed,
                                 .reason = "signal 11 (Segmentation fault)",
                                 .signal = 11});
  return contents;
}

TEST(ExportedStudy, ReadsBackWhatIsExported) {
  const std::string text = StudyToJson(Example());
  const auto read = ExportedStudyFromJson(text, "s.json");
  ASSERT_TRUE(read.ok()) << read.error().message();
  EXPECT_EQ(StudyToJson(*read), text);
  EXPECT_EQ(read->study.seed, testing::SomeStudy().seed);
  EXPECT_EQ(read->replicates[0].trial_id, read->trials[1].id);
}

void ExpectRefused(const std::string& text, const std::string& sentence) {
  const auto read = ExportedStudyFromJson(text, "s.json");
  ASSERT_FALSE(read.ok());
  EXPECT_THAT(read.error().message(), HasSubstr(sentence));
}

std::string Replaced(std::string text, const std::string& from, const std::string& to) {
  const size_t at = text.find(from);
  EXPECT_NE(at, std::string::npos);
  return text.replace(at, from.size(), to);
}

TEST(ExportedStudy, NamesWhatIsWrong) {
  const std::string text = StudyToJson(Example());
  ExpectRefused("{", "s.json is not a study of `sightline study export --json`: ");
  ExpectRefused("[]", "s.json is not a study");
  ExpectRefused(R"({"schema": "sightline.study", "schema_version": 9})", "by a later version (schema 9)");
  ExpectRefused(R"({"schema": "sightline.study", "schema_version": 1})", "s.json: trials: it is missing");
  ExpectRefused(Replaced(text, "\"trial\": 1", "\"trial\": 5"), "replicates[0].trial: there is no trial 5");
  ExpectRefused(Replaced(text, "\"crashed\"", "\"sank\""), "replicates[1].failure: 'sank' is no word");
  ExpectRefused(Replaced(text, "\"done\"", "\"dun\""), "replicates[0].status: 'dun' is no word");
  ExpectRefused(Replaced(text, "\"index\": 1", "\"index\": 4"),
                "trials[1].index: trials have to be numbered");
}

}  // namespace
}  // namespace sightline::store
