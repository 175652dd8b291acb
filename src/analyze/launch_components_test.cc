#include "src/analyze/launch_components.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "src/store/result_json.h"
#include "src/store/test_studies.h"

namespace sightline::analyze {
namespace {

using store::testing::DoneReplicate;
using store::testing::SomeReplicates;
using store::testing::SomeStudy;
using store::testing::SomeTrials;
using store::testing::TemporaryFolder;
using store::testing::WriteRecords;

// `frames` latencies that go mean - 1, mean - 1, mean + 1, mean + 1, ... ms; a frame costs 10 ms, a launch 2
// s besides.
LaunchSamples Launch(double mean_ms, int frames) {
  LaunchSamples launch{.measured_s = 0.01 * frames, .wall_s = 0.01 * frames + 2};
  for (int i = 0; i < frames; ++i) launch.latency_ns.push_back((mean_ms + (i % 4 < 2 ? -1 : 1)) * 1e6);
  return launch;
}

// The frames of each launch have a variance of 1 ms^2 (their number over one less), the launches' means 9, 10
// and 11 one of 1 ms^2, of which the 100 frames leave about a hundredth open.
TEST(ComponentsOf, SplitsTheVarianceOfTheLaunchesMeans) {
  const LaunchComponents c = ComponentsOf({Launch(9, 100), Launch(10, 100), Launch(11, 100)});
  EXPECT_EQ(c.launches, 3);
  ASSERT_TRUE(c.variance && c.between && c.within && c.worthwhile_frames);
  EXPECT_NEAR(c.variance->mean, 10e6, 1);
  EXPECT_NEAR(c.variance->within, 1e12 * 100 / 99, 1e6);
  EXPECT_NEAR(c.variance->launch_means, 1e12, 1e6);
  const double open = c.variance->within * c.variance->inflation / 100;
  EXPECT_NEAR(*c.within, open / 1e12, 1e-9);
  EXPECT_DOUBLE_EQ(*c.between + *c.within, 1);
  EXPECT_DOUBLE_EQ(c.launch_cost_s, 2);
  EXPECT_DOUBLE_EQ(c.frame_cost_s, 0.01);
  EXPECT_EQ(c.worthwhile_frames, stats::WorthwhileSamples(*c.variance, 2, 0.01));
}

TEST(ComponentsOf, LaunchesThatDontDifferNeedNoOther) {
  const LaunchComponents c = ComponentsOf({Launch(10, 100), Launch(10.0001, 100)});
  ASSERT_TRUE(c.variance && c.between);
  EXPECT_EQ(*c.between, 0);
  EXPECT_EQ(*c.within, 1);
  EXPECT_FALSE(c.worthwhile_frames);
}

TEST(ComponentsOf, SaysNothingOfFewerThanTwoLaunchesWithFrames) {
  EXPECT_EQ(ComponentsOf({}).launches, 0);
  const LaunchComponents c = ComponentsOf({Launch(10, 100), Launch(10, 1), Launch(10, 0)});
  EXPECT_EQ(c.launches, 1);
  EXPECT_FALSE(c.variance || c.between || c.within || c.worthwhile_frames);
}

class StudyComponentsTest : public ::testing::Test {
 protected:
  void SetUp() override {
    auto opened = store::StudyStore::Open(folder_.path() / "s.db", store::Access::kWrite);
    ASSERT_TRUE(opened.ok()) << opened.error().message();
    store_.emplace(std::move(opened).value());
    auto created = store_->CreateStudy(SomeStudy(), SomeTrials(2), SomeReplicates(2, 2));
    ASSERT_TRUE(created.ok());
    study_id_ = created->study.id;
    for (const ReplicateInfo& replicate : created->replicates) ids_.push_back(replicate.id);
  }
  // Replicate `index` of the run order (trials 0, 1, 0, 1) is done, with `records` raw ones.
  void Finish(size_t index, int records) {
    const auto file = folder_.path() / "records";
    WriteRecords(file, records, index);
    ReplicateInfo replicate = DoneReplicate(ids_[index]);
    ASSERT_TRUE(store_->MarkRunning(replicate.id, "2025-01-02T03:05:00Z", "sightline run").ok());
    RunResult result;
    result.summary.measured_s = 2;
    replicate.result_json = store::ResultToJson(result);
    ASSERT_TRUE(store_->FinishReplicate(replicate, file).ok());
  }

  TemporaryFolder folder_;
  std::optional<store::StudyStore> store_;
  int64_t study_id_ = 0;
  std::vector<int64_t> ids_;
};

TEST_F(StudyComponentsTest, ReadsTheMeasuredFramesOfEachTrialsLaunches) {
  for (const size_t index : {0, 1, 2}) Finish(index, 203);  // 3 of them warm-up
  const auto components = StudyComponents(*store_, store_->LoadStudy(study_id_).value());
  ASSERT_TRUE(components.ok()) << components.error().message();
  ASSERT_EQ(components->size(), 2U);
  const LaunchComponents& two = (*components)[0];
  EXPECT_EQ(two.launches, 2);
  ASSERT_TRUE(two.variance);
  // Eight stages of 100 to 150 us.
  EXPECT_GT(two.variance->mean, 0.8e6);
  EXPECT_LT(two.variance->mean, 1.2e6);
  EXPECT_DOUBLE_EQ(two.frame_cost_s, 0.01) << "200 measured frames in 2 s";
  EXPECT_DOUBLE_EQ(two.launch_cost_s, 58);
  EXPECT_EQ((*components)[1].launches, 1);
  EXPECT_FALSE((*components)[1].variance);
}

}  // namespace
}  // namespace sightline::analyze
