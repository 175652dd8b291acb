// What was reported as stored stays stored: whatever the disk does, whenever power goes, whenever the process
// is killed.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sqlite3.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <set>

#include "src/store/test_studies.h"
#include "tests/fakes/faulty_disk.h"

namespace sightline::store {
namespace {

using namespace testing;  // NOLINT(google-build-using-namespace)
using sightline::testing::DiskFault;
using sightline::testing::FaultyDisk;

constexpr int kRecords = 300;

std::string IntegrityCheck(const std::string& path) {
  sqlite3* connection = nullptr;
  std::string answer;
  const auto take = [](void* to, int, char** values, char**) {
    *static_cast<std::string*>(to) += values[0];
    return 0;
  };
  if (sqlite3_open(path.c_str(), &connection) != SQLITE_OK ||
      sqlite3_exec(connection, "PRAGMA integrity_check", take, &answer, nullptr) != SQLITE_OK) {
    answer = sqlite3_errmsg(connection);
  }
  sqlite3_close(connection);
  return answer;
}

// Each replicate has records of its own: seeded by its place in the run order.
uint64_t SeedOf(const ReplicateInfo& replicate) {
  return static_cast<uint64_t>(replicate.order) + 1;
}

// What the store said it had done.
struct Acknowledged {
  int64_t study_id = 0;
  std::set<int64_t> finished;
};

// A whole study, past whatever fails.
Acknowledged RunStudy(const std::string& database, const std::filesystem::path& folder, int replicates) {
  Acknowledged acknowledged;
  auto store = StudyStore::Open(database, Access::kWrite);
  if (!store.ok()) return acknowledged;
  const auto study = store->CreateStudy(SomeStudy(), SomeTrials(1), SomeReplicates(1, replicates));
  if (!study.ok()) return acknowledged;
  acknowledged.study_id = study->study.id;
  for (const ReplicateInfo& replicate : study->replicates) {
    const auto path = folder / std::to_string(replicate.order);
    if (!std::filesystem::exists(path)) WriteRecords(path, kRecords, SeedOf(replicate));
    if (!store->MarkRunning(replicate.id, "now", "sightline run").ok()) continue;
    if (store->FinishReplicate(DoneReplicate(replicate.id), path).ok())
      acknowledged.finished.insert(replicate.id);
  }
  return acknowledged;
}

// Everything acknowledged is there, and what else is there is whole. Nothing is running.
void ExpectKept(const std::string& database, const Acknowledged& acknowledged) {
  const FaultyDisk healthy;  // nothing is armed; the real disk's syncs would only cost time here
  {
    auto store = StudyStore::Open(database, Access::kWrite);
    ASSERT_TRUE(store.ok()) << store.error().message();
    const auto studies = store->ListStudies();
    ASSERT_TRUE(studies.ok());
    if (acknowledged.study_id != 0) {
      ASSERT_EQ(studies->size(), 1U);
    }
    for (const StudyOverview& overview : *studies) {
      const auto study = store->LoadStudy(overview.study.id);
      ASSERT_TRUE(study.ok());
      for (const ReplicateInfo& replicate : study->replicates) {
        const bool done = replicate.status == ReplicateStatus::kDone;
        if (!done) {
          ASSERT_EQ(replicate.status, ReplicateStatus::kPlanned);
        }
        ASSERT_TRUE(done || !acknowledged.finished.contains(replicate.id))
            << "lost replicate " << replicate.id;
        if (done) {
          ASSERT_EQ(replicate.result_json, DoneReplicate(0).result_json);
        }
        ExpectRecords(*store, replicate.id, done ? kRecords : 0, SeedOf(replicate));
      }
    }
  }
  ASSERT_EQ(IntegrityCheck(database), "ok");
}

class FaultyDiskTest : public ::testing::Test {
 protected:
  static constexpr int kReplicates = 4;

  // The fault strikes at every `stride`th operation of a study in turn.
  template <typename Body>
  void AtManyOperations(int64_t most_times, const Body& body) {
    int64_t operations = 0;
    {
      const TemporaryFolder folder;
      FaultyDisk disk;
      const Acknowledged all = RunStudy(folder.path() / "study.db", records_.path(), kReplicates);
      ASSERT_EQ(all.finished.size(), static_cast<size_t>(kReplicates));
      operations = disk.operations();
    }
    ASSERT_GT(operations, 50);
    const int64_t stride = 1 + operations / most_times;
    for (int64_t operation = 1; operation <= operations && !HasFatalFailure(); operation += stride) {
      SCOPED_TRACE("operation " + std::to_string(operation) + " of " + std::to_string(operations));
      body(operation);
    }
  }

  void FailAt(DiskFault fault, int64_t operation) {
    const TemporaryFolder folder;
    const std::string database = folder.path() / "study.db";
    Acknowledged acknowledged;
    {
      FaultyDisk disk;
      disk.Arm(fault, operation);
      acknowledged = RunStudy(database, records_.path(), kReplicates);
    }
    ExpectKept(database, acknowledged);
  }

  TemporaryFolder records_;
};

TEST_F(FaultyDiskTest, AnErrorLosesNothingThatWasStored) {
  AtManyOperations(60, [&](int64_t operation) { FailAt(DiskFault::kErrorOnce, operation); });
}

TEST_F(FaultyDiskTest, ADiskThatGoesOnFailingLosesNothingThatWasStored) {
  AtManyOperations(60, [&](int64_t operation) { FailAt(DiskFault::kErrors, operation); });
}

TEST_F(FaultyDiskTest, AFullDiskLosesNothingThatWasStored) {
  AtManyOperations(60, [&](int64_t operation) { FailAt(DiskFault::kFull, operation); });
}

TEST_F(FaultyDiskTest, PowerLossWithTornPagesLosesNothingThatWasStored) {
  AtManyOperations(150, [&](int64_t operation) {
    const TemporaryFolder folder;
    const std::string database = folder.path() / "study.db";
    Acknowledged acknowledged;
    {
      FaultyDisk disk;
      disk.Arm(DiskFault::kPowerLoss, operation);
      acknowledged = RunStudy(database, records_.path(), kReplicates);
      disk.LosePower(static_cast<uint64_t>(operation));
    }
    ExpectKept(database, acknowledged);
  });
}

// The shim has to be able to lose what a careless writer leaves: without syncs nothing survives.
TEST_F(FaultyDiskTest, TheDiskDoesLoseWhatWasNotSynced) {
  const TemporaryFolder folder;
  const std::string path = folder.path() / "careless.db";
  int lost = 0;
  for (uint64_t seed = 1; seed <= 10; ++seed) {
    FaultyDisk disk;
    sqlite3* connection = nullptr;
    ASSERT_EQ(sqlite3_open(path.c_str(), &connection), SQLITE_OK);
    ASSERT_EQ(
        sqlite3_exec(connection, "PRAGMA synchronous = OFF; CREATE TABLE t (a); INSERT INTO t VALUES (1)",
                     nullptr, nullptr, nullptr),
        SQLITE_OK);
    sqlite3_close(connection);
    disk.LosePower(seed);
    ASSERT_EQ(sqlite3_open(path.c_str(), &connection), SQLITE_OK);
    lost += sqlite3_exec(connection, "SELECT a FROM t", nullptr, nullptr, nullptr) == SQLITE_OK ? 0 : 1;
    sqlite3_close(connection);
    std::filesystem::remove(path);
  }
  EXPECT_GT(lost, 0);
}

TEST_F(FaultyDiskTest, AFullDiskIsToldInOneSentence) {
  const TemporaryFolder folder;
  const std::string database = folder.path() / "study.db";
  FaultyDisk disk;
  auto store = StudyStore::Open(database, Access::kWrite);
  ASSERT_TRUE(store.ok());
  disk.Arm(DiskFault::kFull, 1);
  const auto study = store->CreateStudy(SomeStudy(), SomeTrials(1), SomeReplicates(1, 1));
  ASSERT_FALSE(study.ok());
  EXPECT_EQ(study.error().kind(), ErrorKind::kResourceExhausted);
  EXPECT_THAT(study.error().message(), ::testing::StartsWith("can't store study quick in " + database +
                                                             ": the disk is full; make room"));
  disk.Arm(DiskFault::kNone, 0);
  EXPECT_TRUE(store->CreateStudy(SomeStudy(), SomeTrials(1), SomeReplicates(1, 1)).ok()) << "and it goes on";
}

// Works through a study's unfinished replicates, and tells each one over the pipe once it is stored.
[[noreturn]] void WorkAsChild(const std::string& database, const std::filesystem::path& folder, int pipe) {
  auto store = StudyStore::Open(database, Access::kWrite);
  if (!store.ok()) _exit(2);
  const auto study = store->LoadStudy(1);
  if (!study.ok()) _exit(3);
  for (const ReplicateInfo& replicate : study->replicates) {
    if (IsFinished(replicate.status)) continue;
    const auto path = folder / "records";
    WriteRecords(path, kRecords, SeedOf(replicate));
    if (!store->MarkRunning(replicate.id, "now", "sightline run").ok()) _exit(4);
    if (!store->FinishReplicate(DoneReplicate(replicate.id), path).ok()) _exit(5);
    if (write(pipe, &replicate.id, sizeof(replicate.id)) != sizeof(replicate.id)) _exit(6);
  }
  _exit(0);
}

// One launch, killed after `acknowledgements` replicates and a while; without a limit it may end by itself.
// Returns its wait status.
int LaunchAndKill(const std::string& database, const std::filesystem::path& folder,
                  std::optional<std::pair<int, useconds_t>> limit, std::set<int64_t>& finished) {
  int ends[2];
  EXPECT_EQ(pipe(ends), 0);
  const pid_t child = fork();
  if (child == 0) {
    close(ends[0]);
    WorkAsChild(database, folder, ends[1]);
  }
  close(ends[1]);
  int64_t id = 0;
  const auto next = [&] {
    return read(ends[0], &id, sizeof(id)) == sizeof(id) && finished.insert(id).second;
  };
  if (limit) {
    for (int i = 0; i < limit->first && next(); ++i) continue;
    usleep(limit->second);
    kill(child, SIGKILL);
  }
  while (next()) continue;
  close(ends[0]);
  int status = 0;
  EXPECT_EQ(waitpid(child, &status, 0), child);
  return status;
}

TEST(KilledWriter, LosesNoFinishedReplicateInFiftyKills) {
  const TemporaryFolder folder;
  const std::string database = folder.path() / "study.db";
  {
    auto store = StudyStore::Open(database, Access::kWrite);
    ASSERT_TRUE(store.ok());
    ASSERT_EQ(store->CreateStudy(SomeStudy(), SomeTrials(1), SomeReplicates(1, 200))->study.id, 1);
  }
  std::mt19937_64 random(2024);
  Acknowledged acknowledged{.study_id = 1};
  int killed = 0;
  for (int round = 0; round < 50; ++round) {
    const std::pair<int, useconds_t> limit(random() % 3, random() % 20'000);
    const int status = LaunchAndKill(database, folder.path(), limit, acknowledged.finished);
    killed += WIFSIGNALED(status) ? 1 : 0;
    if (!WIFSIGNALED(status)) {
      ASSERT_EQ(WEXITSTATUS(status), 0);
    }
    ExpectKept(database, acknowledged);
    if (HasFatalFailure()) return;
  }
  EXPECT_GT(killed, 0);
  ASSERT_EQ(LaunchAndKill(database, folder.path(), std::nullopt, acknowledged.finished), 0);
  ExpectKept(database, acknowledged);
  auto store = StudyStore::Open(database, Access::kRead);
  ASSERT_TRUE(store.ok());
  EXPECT_EQ(store->ListStudies()->at(0).done, 200);
}

}  // namespace
}  // namespace sightline::store
