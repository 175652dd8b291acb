// Files that are old, new, not ours, or can't be written. Access to SQLite by hand stands for other programs
// and other versions of this one.
#include "src/store/database.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>

#include "src/store/migrations.h"
#include "src/store/test_studies.h"

namespace sightline::store {
namespace {

using namespace testing;  // NOLINT(google-build-using-namespace)
using ::testing::HasSubstr;

// The schema as version 1 had it.
constexpr const char* kVersion1File = R"(
  CREATE TABLE sightline_schema (version BIGINT NOT NULL);
  INSERT INTO sightline_schema (version) VALUES (1);
  CREATE TABLE study (id INTEGER PRIMARY KEY AUTOINCREMENT, uuid TEXT NOT NULL, origin TEXT NOT NULL,
    name TEXT NOT NULL, plan_text TEXT NOT NULL, seed BIGINT NOT NULL, created_at TEXT NOT NULL,
    UNIQUE (uuid, origin));
  CREATE TABLE trial (id INTEGER PRIMARY KEY AUTOINCREMENT,
    study_id BIGINT NOT NULL REFERENCES study (id) ON DELETE CASCADE, number BIGINT NOT NULL,
    factors TEXT NOT NULL, arguments TEXT NOT NULL, UNIQUE (study_id, number));
  CREATE TABLE replicate (id INTEGER PRIMARY KEY AUTOINCREMENT,
    trial_id BIGINT NOT NULL REFERENCES trial (id) ON DELETE CASCADE, number BIGINT NOT NULL,
    run_order BIGINT NOT NULL, status TEXT NOT NULL, failure TEXT, reason TEXT NOT NULL DEFAULT '',
    exit_code BIGINT, signal BIGINT, started_at TEXT NOT NULL DEFAULT '', ended_at TEXT NOT NULL DEFAULT '',
    wall_ns BIGINT NOT NULL DEFAULT 0, command_line TEXT NOT NULL DEFAULT '',
    stderr_tail TEXT NOT NULL DEFAULT '', result_json TEXT NOT NULL DEFAULT '', UNIQUE (trial_id, number));
  INSERT INTO study VALUES (1, 'u', '', 'old', 'plan', 3, '2024');
  INSERT INTO trial VALUES (1, 1, 0, '[["model","m"]]', '["-m","m"]');
  INSERT INTO replicate (trial_id, number, run_order, status, result_json) VALUES (1, 0, 0, 'done', '{}');
  INSERT INTO replicate (trial_id, number, run_order, status) VALUES (1, 1, 1, 'planned');
)";

class DatabaseTest : public ::testing::Test {
 protected:
  void Execute(const std::string& statements) const {
    sqlite3* connection = nullptr;
    ASSERT_EQ(sqlite3_open(path_.c_str(), &connection), SQLITE_OK);
    char* message = nullptr;
    EXPECT_EQ(sqlite3_exec(connection, statements.c_str(), nullptr, nullptr, &message), SQLITE_OK) << message;
    sqlite3_close(connection);
  }
  std::string OpenError(Access access) const {
    const auto store = StudyStore::Open(path_, access);
    return store.ok() ? "it opens" : store.error().message();
  }

  TemporaryFolder folder_;
  std::string path_ = folder_.path() / "study.db";
};

void ExpectOldStudy(StudyStore& store) {
  const auto study = store.LoadStudy(1);
  ASSERT_TRUE(study.ok()) << study.error().message();
  EXPECT_EQ(study->study.name, "old");
  EXPECT_EQ(study->trials[0].factors[0].second, "m");
  EXPECT_EQ(study->replicates[0].status, ReplicateStatus::kDone);
}

TEST_F(DatabaseTest, AWriterBringsAnOlderFileUpToDate) {
  Execute(kVersion1File);
  auto store = StudyStore::Open(path_, Access::kWrite);
  ASSERT_TRUE(store.ok()) << store.error().message();
  ExpectOldStudy(*store);
  WriteRecords(folder_.path() / "records", 20, 1);
  const auto stored = store->FinishReplicate(DoneReplicate(2), folder_.path() / "records");
  ASSERT_TRUE(stored.ok()) << stored.error().message();
  ExpectRecords(*store, 2, 20, 1);
}

TEST_F(DatabaseTest, AReaderHasAnOlderFileBroughtUpToDate) {
  Execute(kVersion1File);
  auto store = StudyStore::Open(path_, Access::kRead);
  ASSERT_TRUE(store.ok()) << store.error().message();
  ExpectOldStudy(*store);
  ExpectRecords(*store, 1, 0, 1);
}

TEST_F(DatabaseTest, AMigrationThatFailsChangesNothing) {
  Execute(kVersion1File);
  Execute("CREATE TABLE record_chunk (in_the_way INTEGER)");
  EXPECT_THAT(OpenError(Access::kWrite), HasSubstr("can't bring the tables up to date in " + path_));
  Execute("DROP TABLE record_chunk");
  auto store = StudyStore::Open(path_, Access::kWrite);
  ASSERT_TRUE(store.ok()) << store.error().message();
  ExpectOldStudy(*store);
}

TEST_F(DatabaseTest, AFileOfALaterVersionIsRefused) {
  {
    ASSERT_TRUE(StudyStore::Open(path_, Access::kWrite).ok());
  }
  const size_t latest = Migrations().size();
  Execute("UPDATE sightline_schema SET version = " + std::to_string(latest + 1));
  for (const Access access : {Access::kRead, Access::kWrite}) {
    EXPECT_EQ(OpenError(access), path_ + " was written by a later sightline (schema " +
                                     std::to_string(latest + 1) + ", this one knows " +
                                     std::to_string(latest) + "); use that one");
  }
}

TEST_F(DatabaseTest, AFileThatIsNoDatabaseIsRefusedAndKept) {
  const std::string text = "stage,latency_ns\n" + std::string(5000, 'x');
  std::ofstream(path_) << text;
  for (const Access access : {Access::kRead, Access::kWrite}) {
    EXPECT_THAT(OpenError(access), HasSubstr(path_ + ": it is no database; name a file that sightline made"));
  }
  std::ostringstream after;
  after << std::ifstream(path_).rdbuf();
  EXPECT_EQ(after.str(), text);
}

TEST_F(DatabaseTest, AnotherProgramsDatabaseIsRefused) {
  Execute("CREATE TABLE bookmarks (url TEXT)");
  for (const Access access : {Access::kRead, Access::kWrite}) {
    EXPECT_THAT(OpenError(access), HasSubstr(path_ + " is another program's database"));
  }
}

TEST_F(DatabaseTest, FoldersOnTheWayAreMadeForWriting) {
  std::filesystem::create_directory(path_);
  EXPECT_THAT(OpenError(Access::kWrite), HasSubstr(path_ + " is a folder"));
  path_ = folder_.path() / "missing" / "further" / "study.db";
  EXPECT_THAT(OpenError(Access::kRead), HasSubstr("there is no database " + path_));
  EXPECT_FALSE(std::filesystem::exists(folder_.path() / "missing"));
  EXPECT_TRUE(StudyStore::Open(path_, Access::kWrite).ok());
  path_ = folder_.path() / "missing" / "further" / "study.db" / "on_a_file" / "study.db";
  EXPECT_THAT(OpenError(Access::kWrite), HasSubstr("can't make the folder"));
}

TEST_F(DatabaseTest, AtRestItIsOneFile) {
  {
    ASSERT_TRUE(StudyStore::Open(path_, Access::kWrite).ok());
  }
  int files = 0;
  for (const auto& file : std::filesystem::directory_iterator(folder_.path())) {
    EXPECT_EQ(file.path(), path_);
    ++files;
  }
  EXPECT_EQ(files, 1);
}

// Runs `body` in a process for which the file's permissions count: root would be let through.
template <typename Body>
std::string AsOrdinaryUser(const Body& body) {
  int ends[2];
  EXPECT_EQ(pipe(ends), 0);
  const pid_t child = fork();
  if (child == 0) {
    if (geteuid() == 0 && (setgid(65534) != 0 || setuid(65534) != 0)) _exit(1);
    const std::string answer = body();
    _exit(write(ends[1], answer.data(), answer.size()) == static_cast<ssize_t>(answer.size()) ? 0 : 1);
  }
  close(ends[1]);
  std::string answer(4096, '\0');
  const ssize_t size = read(ends[0], answer.data(), answer.size());
  close(ends[0]);
  int status = 0;
  EXPECT_EQ(waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0);
  answer.resize(size > 0 ? static_cast<size_t>(size) : 0);
  return answer;
}

TEST_F(DatabaseTest, AReadOnlyFileCanBeReadAndSaysSoWhenWritten) {
  {
    auto store = StudyStore::Open(path_, Access::kWrite);
    ASSERT_TRUE(store.ok());
    ASSERT_TRUE(store->CreateStudy(SomeStudy("kept"), SomeTrials(1), SomeReplicates(1, 1)).ok());
  }
  ASSERT_EQ(chmod(path_.c_str(), 0444), 0);
  ASSERT_EQ(chmod(folder_.path().c_str(), 0555), 0);
  EXPECT_EQ(AsOrdinaryUser([&] { return OpenError(Access::kWrite); }),
            "can't write " + path_ + ": it can only be read; change its permissions, or name another file");
  EXPECT_EQ(AsOrdinaryUser([&]() -> std::string {
              auto store = StudyStore::Open(path_, Access::kRead);
              return store.ok() ? store->ListStudies()->at(0).study.name : store.error().message();
            }),
            "kept");
  ASSERT_EQ(chmod(path_.c_str(), 0666), 0);
  EXPECT_THAT(AsOrdinaryUser([&] { return OpenError(Access::kWrite); }),
              HasSubstr("its folder takes no study.db.lock (Permission denied)"));
  ASSERT_EQ(chmod(folder_.path().c_str(), 0755), 0);
}

}  // namespace
}  // namespace sightline::store
