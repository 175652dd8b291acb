// The store's promises, on SQLite and on PostgreSQL alike.
#include "src/store/study_store.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "src/store/files.h"
#include "src/store/test_studies.h"
#include "tests/fakes/postgres_cluster.h"

namespace sightline::store {
namespace {

using namespace testing;  // NOLINT(google-build-using-namespace)
using ::testing::HasSubstr;

enum class Engine { kSqlite, kPostgresql };

sightline::testing::PostgresCluster& Cluster() {
  static sightline::testing::PostgresCluster cluster;
  return cluster;
}

class StudyStoreTest : public ::testing::TestWithParam<Engine> {
 protected:
  StudyStoreTest() : where_(NewDatabase()) {}

  std::string NewDatabase() {
    if (GetParam() == Engine::kPostgresql) return Cluster().NewDatabase();
    return folder_.path() / ("study" + std::to_string(databases_++) + ".db");
  }
  StudyStore Writer() { return Open(where_, Access::kWrite); }
  StudyStore Open(const std::string& where, Access access) {
    Result<StudyStore> store = StudyStore::Open(where, access);
    EXPECT_TRUE(store.ok()) << store.error().message();
    return std::move(store).value();
  }
  StudyContents Create(StudyStore& store, int trials = 2, int each = 2) {
    auto study = store.CreateStudy(SomeStudy(), SomeTrials(trials), SomeReplicates(trials, each));
    EXPECT_TRUE(study.ok()) << study.error().message();
    return *study;
  }
  std::filesystem::path Records(int count, uint64_t seed) {
    WriteRecords(folder_.path() / "records", count, seed);
    return folder_.path() / "records";
  }

  TemporaryFolder folder_;
  int databases_ = 0;
  std::string where_;
};

TEST_P(StudyStoreTest, KeepsAStudyAsItWasPlanned) {
  StudyStore store = Writer();
  const int64_t id = Create(store).study.id;
  const auto loaded = store.LoadStudy(id);
  ASSERT_TRUE(loaded.ok());
  const StudyInfo expected = SomeStudy();
  EXPECT_EQ(loaded->study.name, expected.name);
  EXPECT_EQ(loaded->study.plan_text, expected.plan_text);
  EXPECT_EQ(loaded->study.seed, expected.seed);
  EXPECT_EQ(loaded->study.created_at, expected.created_at);
  EXPECT_EQ(loaded->study.origin, "");
  EXPECT_EQ(loaded->study.uuid.size(), 36U);
  ASSERT_EQ(loaded->trials.size(), 2U);
  EXPECT_EQ(loaded->trials[1].index, 1);
  EXPECT_EQ(loaded->trials[1].factors, SomeTrials(2)[1].factors);
  EXPECT_EQ(loaded->trials[1].arguments, SomeTrials(2)[1].arguments);
  ASSERT_EQ(loaded->replicates.size(), 4U);
  for (size_t i = 0; i < 4; ++i) {
    EXPECT_EQ(loaded->replicates[i].order, static_cast<int64_t>(i));
    EXPECT_EQ(loaded->replicates[i].trial_id, loaded->trials[i % 2].id);
    EXPECT_EQ(loaded->replicates[i].number, static_cast<int>(i / 2));
    EXPECT_EQ(loaded->replicates[i].status, ReplicateStatus::kPlanned);
    EXPECT_FALSE(loaded->replicates[i].exit_code.has_value());
  }
}

TEST_P(StudyStoreTest, KeepsEverythingOfAFinishedReplicate) {
  StudyStore store = Writer();
  const StudyContents study = Create(store);
  ReplicateInfo failed{.id = study.replicates[0].id,
                       .status = ReplicateStatus::kFailed,
                       .failure = FailureReason::kCrashed,
                       .reason = "it was ended by SIGSEGV",
                       .signal = 11,
                       .started_at = "a",
                       .ended_at = "b",
                       .wall_ns = 5'000'000'000'000,
                       .command_line = "sightline run",
                       .stderr_tail = std::string("bad \xff\xc3 \0 bytes \xe2\x82\xac", 18)};
  ASSERT_TRUE(store.MarkRunning(failed.id, "a", "sightline run").ok());
  ASSERT_TRUE(store.FinishReplicate(failed).ok());
  const ReplicateInfo done = DoneReplicate(study.replicates[1].id);
  const auto stored = store.FinishReplicate(done, Records(9000, 5));
  ASSERT_TRUE(stored.ok()) << stored.error().message();
  EXPECT_EQ(stored->records, 9000);
  EXPECT_EQ(stored->chunks, 3);

  const auto loaded = store.LoadStudy(study.study.id);
  ASSERT_TRUE(loaded.ok());
  const ReplicateInfo& first = loaded->replicates[0];
  EXPECT_EQ(first.status, ReplicateStatus::kFailed);
  EXPECT_EQ(first.failure, FailureReason::kCrashed);
  EXPECT_EQ(first.reason, failed.reason);
  EXPECT_FALSE(first.exit_code.has_value());
  EXPECT_EQ(first.signal, 11);
  EXPECT_EQ(first.wall_ns, failed.wall_ns);
  EXPECT_EQ(first.stderr_tail, "bad ?? ? bytes \xe2\x82\xac");
  const ReplicateInfo& second = loaded->replicates[1];
  EXPECT_EQ(second.status, ReplicateStatus::kDone);
  EXPECT_FALSE(second.failure.has_value());
  EXPECT_EQ(second.exit_code, 0);
  EXPECT_FALSE(second.signal.has_value());
  EXPECT_EQ(second.started_at, done.started_at);
  EXPECT_EQ(second.ended_at, done.ended_at);
  EXPECT_EQ(second.command_line, done.command_line);
  EXPECT_EQ(second.stderr_tail, done.stderr_tail);
  EXPECT_EQ(second.result_json, done.result_json);
  ExpectRecords(store, done.id, 9000, 5);
  ExpectRecords(store, failed.id, 0, 5);
}

TEST_P(StudyStoreTest, CountsInTheListAndFindsByName) {
  StudyStore store = Writer();
  const StudyContents study = Create(store, 3, 2);
  const StudyContents later = Create(store, 1, 1);
  ASSERT_TRUE(store.FinishReplicate(DoneReplicate(study.replicates[0].id)).ok());
  ASSERT_TRUE(store.MarkRunning(study.replicates[1].id, "a", "b").ok());
  ASSERT_TRUE(
      store.FinishReplicate({.id = study.replicates[2].id, .status = ReplicateStatus::kAbandoned}).ok());
  ASSERT_TRUE(store
                  .FinishReplicate({.id = study.replicates[3].id,
                                    .status = ReplicateStatus::kFailed,
                                    .failure = FailureReason::kRefused})
                  .ok());
  const auto list = store.ListStudies();
  ASSERT_TRUE(list.ok()) << list.error().message();
  ASSERT_EQ(list->size(), 2U);
  EXPECT_EQ((*list)[0].study.uuid, study.study.uuid);
  EXPECT_EQ((*list)[0].trials, 3);
  EXPECT_EQ((*list)[0].planned, 3);
  EXPECT_EQ((*list)[0].done, 1);
  EXPECT_EQ((*list)[0].failed, 1);
  EXPECT_EQ((*list)[0].abandoned, 1);

  EXPECT_EQ(store.FindStudy("quick").value(), later.study.id) << "of two with one name the latest";
  EXPECT_EQ(store.FindStudy(study.study.uuid).value(), study.study.id);
  EXPECT_EQ(store.FindStudy(study.study.uuid.substr(0, 12)).value(), study.study.id);
  EXPECT_EQ(store.FindStudy(std::to_string(study.study.id)).value(), study.study.id);
  EXPECT_THAT(store.FindStudy("slow").error().message(), HasSubstr("there is no study slow in "));
  EXPECT_THAT(store.LoadStudy(77).error().message(), HasSubstr("there is no study 77"));
}

TEST_P(StudyStoreTest, FinishesAReplicateOnce) {
  StudyStore store = Writer();
  const StudyContents study = Create(store);
  ASSERT_TRUE(store.FinishReplicate(DoneReplicate(study.replicates[0].id), Records(10, 1)).ok());
  const auto again = store.FinishReplicate(DoneReplicate(study.replicates[0].id), Records(20, 2));
  ASSERT_FALSE(again.ok());
  EXPECT_THAT(again.error().message(), HasSubstr("is finished already"));
  ExpectRecords(store, study.replicates[0].id, 10, 1);
  EXPECT_FALSE(store.MarkRunning(study.replicates[0].id, "a", "b").ok());
}

TEST_P(StudyStoreTest, ADamagedRecordFileStoresNothing) {
  StudyStore store = Writer();
  const StudyContents study = Create(store);
  const auto path = Records(9000, 1);
  std::string bytes = ReadFile(path).value();
  bytes[bytes.size() - 100] = static_cast<char>(~bytes[bytes.size() - 100]);
  ASSERT_TRUE(WriteFile(path, bytes).ok());
  const int64_t id = study.replicates[0].id;
  const auto finished = store.FinishReplicate(DoneReplicate(id), path);
  ASSERT_FALSE(finished.ok());
  EXPECT_THAT(finished.error().message(), HasSubstr("is damaged at byte"));
  EXPECT_EQ(store.LoadStudy(study.study.id)->replicates[0].status, ReplicateStatus::kPlanned);
  ExpectRecords(store, id, 0, 1);
  EXPECT_FALSE(store.FinishReplicate(DoneReplicate(id), folder_.path() / "missing").ok());
  ASSERT_TRUE(store.FinishReplicate(DoneReplicate(id), Records(9000, 1)).ok()) << "and it can be tried again";
  ExpectRecords(store, id, 9000, 1);
}

TEST_P(StudyStoreTest, TakesWhatATornRecordFileHas) {
  StudyStore store = Writer();
  const StudyContents study = Create(store);
  const auto path = Records(5000, 1);
  const std::string bytes = ReadFile(path).value();
  ASSERT_TRUE(WriteFile(path, std::string_view(bytes).substr(0, bytes.size() - 40)).ok());
  const auto stored = store.FinishReplicate(DoneReplicate(study.replicates[0].id), path);
  ASSERT_TRUE(stored.ok());
  EXPECT_EQ(stored->records, 4096);
  ExpectRecords(store, study.replicates[0].id, 4096, 1);
}

TEST_P(StudyStoreTest, OneWriterAndAnyNumberOfReaders) {
  StudyStore writer = Writer();
  const StudyContents study = Create(writer);
  const auto second = StudyStore::Open(where_, Access::kWrite);
  ASSERT_FALSE(second.ok());
  EXPECT_THAT(second.error().message(), HasSubstr("is being written by "));
  StudyStore reader = Open(where_, Access::kRead);
  StudyStore other_reader = Open(where_, Access::kRead);
  EXPECT_EQ(reader.LoadStudy(study.study.id)->replicates.size(), 4U);
  ASSERT_TRUE(writer.FinishReplicate(DoneReplicate(study.replicates[0].id)).ok());
  EXPECT_EQ(reader.LoadStudy(study.study.id)->replicates[0].status, ReplicateStatus::kDone);
  EXPECT_EQ(other_reader.ListStudies()->at(0).done, 1);
}

TEST_P(StudyStoreTest, TheWriterRoleIsGivenBack) {
  int64_t study_id = 0;
  {
    StudyStore first = Writer();
    study_id = Create(first).study.id;
  }
  StudyStore second = Writer();
  EXPECT_EQ(second.LoadStudy(study_id)->trials.size(), 2U);
}

TEST_P(StudyStoreTest, WhatADeadWriterWasRunningIsPlannedAgain) {
  StudyContents study;
  {
    StudyStore store = Writer();
    study = Create(store);
    ASSERT_TRUE(store.FinishReplicate(DoneReplicate(study.replicates[0].id)).ok());
    ASSERT_TRUE(store.MarkRunning(study.replicates[1].id, "now", "sightline run").ok());
    StudyStore reader = Open(where_, Access::kRead);
    EXPECT_EQ(reader.LoadStudy(study.study.id)->replicates[1].status, ReplicateStatus::kRunning)
        << "a reader changes nothing";
  }
  StudyStore store = Writer();
  const auto loaded = store.LoadStudy(study.study.id);
  EXPECT_EQ(loaded->replicates[0].status, ReplicateStatus::kDone);
  EXPECT_EQ(loaded->replicates[1].status, ReplicateStatus::kPlanned);
  EXPECT_EQ(loaded->replicates[1].started_at, "");
}

TEST_P(StudyStoreTest, ReadingNeedsADatabase) {
  const auto store = StudyStore::Open(where_, Access::kRead);
  ASSERT_FALSE(store.ok());
  EXPECT_EQ(store.error().kind(), ErrorKind::kNotFound);
  EXPECT_THAT(store.error().message(), HasSubstr("`sightline study run` makes"));
}

TEST_P(StudyStoreTest, ImportJoinsWhatIsMissing) {
  StudyContents study;
  const std::string here = NewDatabase();
  {
    StudyStore store = Writer();
    study = Create(store, 2, 2);
    ASSERT_TRUE(store.FinishReplicate(DoneReplicate(study.replicates[0].id), Records(5000, 1)).ok());
    StudyStore copy = Open(here, Access::kWrite);
    const auto counts = copy.Import(store, "");
    ASSERT_TRUE(counts.ok()) << counts.error().message();
    EXPECT_EQ(counts->studies, 1);
    EXPECT_EQ(counts->replicates, 1);
    ASSERT_TRUE(store.FinishReplicate(DoneReplicate(study.replicates[1].id), Records(70, 2)).ok());
    ASSERT_TRUE(store.MarkRunning(study.replicates[2].id, "now", "x").ok());
    const auto more = copy.Import(store, "");
    ASSERT_TRUE(more.ok()) << more.error().message();
    EXPECT_EQ(more->studies, 0);
    EXPECT_EQ(more->replicates, 1);
    EXPECT_EQ(copy.Import(store, "")->replicates, 0) << "importing twice changes nothing";
  }
  StudyStore copy = Open(here, Access::kRead);
  ASSERT_EQ(copy.ListStudies()->size(), 1U);
  const auto loaded = copy.LoadStudy(copy.FindStudy(study.study.uuid).value());
  ASSERT_EQ(loaded->replicates.size(), 4U);
  EXPECT_EQ(loaded->study.plan_text, study.study.plan_text);
  EXPECT_EQ(loaded->replicates[0].result_json, DoneReplicate(0).result_json);
  EXPECT_EQ(loaded->replicates[1].status, ReplicateStatus::kDone);
  EXPECT_EQ(loaded->replicates[2].status, ReplicateStatus::kPlanned) << "what runs there is still to be done";
  ExpectRecords(copy, loaded->replicates[0].id, 5000, 1);
  ExpectRecords(copy, loaded->replicates[1].id, 70, 2);
}

TEST_P(StudyStoreTest, ImportKeepsDevicesApart) {
  StudyStore store = Writer();
  const StudyContents study = Create(store);
  ASSERT_TRUE(store.FinishReplicate(DoneReplicate(study.replicates[0].id)).ok());
  StudyStore team = Open(NewDatabase(), Access::kWrite);
  EXPECT_EQ(team.Import(store, "phone")->studies, 1);
  EXPECT_EQ(team.Import(store, "board")->studies, 1);
  EXPECT_EQ(team.Import(store, "phone")->studies, 0);
  const auto list = team.ListStudies();
  ASSERT_EQ(list->size(), 2U);
  EXPECT_EQ((*list)[0].study.origin, "phone");
  EXPECT_EQ((*list)[1].study.origin, "board");
  EXPECT_EQ((*list)[0].study.uuid, (*list)[1].study.uuid);
}

TEST_P(StudyStoreTest, DevicesThatMeasuredOnePlanAreReadAsOneStudy) {
  StudyStore store = Writer();
  StudyStore team = Open(NewDatabase(), Access::kWrite);
  const StudyContents earlier = Create(store, 2, 1);
  const StudyContents theirs = Create(store, 2, 1);
  ASSERT_TRUE(store.FinishReplicate(DoneReplicate(theirs.replicates[1].id)).ok());
  const StudyContents ours = Create(team, 2, 1);
  ASSERT_TRUE(team.Import(store, "phone").ok());
  StudyInfo other_plan = SomeStudy();
  other_plan.plan_text += "# another\n";
  other_plan.origin = "board";
  ASSERT_TRUE(team.CreateStudy(other_plan, SomeTrials(2), SomeReplicates(2, 1)).ok());

  EXPECT_EQ(team.FindStudy(ours.study.name).value(), ours.study.id) << "what is measured here goes first";
  const auto joined = team.LoadForReading(ours.study.name);
  ASSERT_TRUE(joined.ok()) << joined.error().message();
  EXPECT_EQ(joined->study.uuid, ours.study.uuid);
  ASSERT_EQ(joined->trials.size(), 4U) << "the phone's latest of this plan; nothing of the board's";
  using Factor = std::pair<std::string, std::string>;
  for (size_t i = 0; i < 4; ++i) {
    EXPECT_EQ(joined->trials[i].index, static_cast<int>(i));
    EXPECT_EQ(joined->trials[i].factors.front(), Factor("origin", i < 2 ? "this one" : "phone"));
  }
  ASSERT_EQ(joined->replicates.size(), 4U);
  EXPECT_EQ(joined->replicates[3].status, ReplicateStatus::kDone);
  EXPECT_EQ(team.LoadForReading(std::to_string(ours.study.id))->trials.size(), 2U) << "asked for by its id";
  EXPECT_EQ(store.LoadForReading(theirs.study.name)->trials.size(), 2U) << "nothing to join it with";
  EXPECT_EQ(store.LoadForReading(theirs.study.name)->study.id, theirs.study.id);
  EXPECT_NE(earlier.study.id, theirs.study.id);
}

TEST_P(StudyStoreTest, ImportRefusesAStudyThatDiffers) {
  StudyStore store = Writer();
  StudyStore team = Open(NewDatabase(), Access::kWrite);
  StudyInfo info = SomeStudy();
  info.uuid = "00000000-0000-4000-8000-000000000001";
  ASSERT_TRUE(store.CreateStudy(info, SomeTrials(2), SomeReplicates(2, 1)).ok());
  auto trials = SomeTrials(2);
  trials[1].arguments.emplace_back("--pin");
  ASSERT_TRUE(team.CreateStudy(info, trials, SomeReplicates(2, 1)).ok());
  const auto counts = team.Import(store, "");
  ASSERT_FALSE(counts.ok());
  EXPECT_THAT(counts.error().message(), HasSubstr("trial 1 of study quick differs between"));
}

INSTANTIATE_TEST_SUITE_P(Engines, StudyStoreTest, ::testing::Values(Engine::kSqlite, Engine::kPostgresql),
                         [](const auto& engine) {
                           return engine.param == Engine::kSqlite ? "Sqlite" : "Postgresql";
                         });

TEST(PostgresqlErrors, SayWhatIsWrong) {
  const auto no_server = StudyStore::Open("postgresql://someone:secret@/x?host=/nowhere", Access::kRead);
  ASSERT_FALSE(no_server.ok());
  EXPECT_THAT(no_server.error().message(),
              HasSubstr("can't open the database in postgresql://someone:...@/x"));
  EXPECT_THAT(no_server.error().message(), ::testing::Not(HasSubstr("secret")));
  std::string url = Cluster().NewDatabase();
  url.replace(url.find("test_"), 5, "none_");
  const auto no_database = StudyStore::Open(url, Access::kWrite);
  ASSERT_FALSE(no_database.ok());
  EXPECT_THAT(no_database.error().message(), HasSubstr("does not exist"));
}

}  // namespace
}  // namespace sightline::store
