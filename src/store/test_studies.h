// Studies for the tests of the store.
#pragma once

#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <random>
#include <string>
#include <vector>

#include "src/store/record_file.h"
#include "src/store/study_store.h"
#include "src/store/test_records.h"

namespace sightline::store::testing {

// A folder that goes with the object.
class TemporaryFolder {
 public:
  TemporaryFolder() {
    std::string name = (std::filesystem::temp_directory_path() / "sightline_store_XXXXXX").string();
    EXPECT_NE(mkdtemp(name.data()), nullptr);
    path_ = name;
  }
  ~TemporaryFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

inline std::vector<TrialInfo> SomeTrials(int count) {
  std::vector<TrialInfo> trials;
  for (int i = 0; i < count; ++i) {
    trials.push_back({.index = i,
                      .factors = {{"model", "m" + std::to_string(i)}, {"batch", "1"}},
                      .arguments = {"-m", "m" + std::to_string(i), "--input", "a b'\"c"}});
  }
  return trials;
}

// Interleaved: every trial once, then every trial again.
inline std::vector<NewReplicate> SomeReplicates(int trials, int each) {
  std::vector<NewReplicate> replicates;
  for (int number = 0; number < each; ++number) {
    for (int trial = 0; trial < trials; ++trial) {
      replicates.push_back({.trial_index = trial, .number = number, .order = number * trials + trial});
    }
  }
  return replicates;
}

inline StudyInfo SomeStudy(const std::string& name = "quick") {
  return {.name = name,
          .plan_text = "sightline_plan: 1\nname: quick  # \xc3\xa4\n",
          .seed = 0xfedcba9876543210,
          .created_at = "2025-01-02T03:04:05Z"};
}

inline ReplicateInfo DoneReplicate(int64_t id) {
  return {.id = id,
          .status = ReplicateStatus::kDone,
          .exit_code = 0,
          .started_at = "2025-01-02T03:05:00Z",
          .ended_at = "2025-01-02T03:06:00Z",
          .wall_ns = 60'000'000'000,
          .command_line = "sightline run -m m0",
          .stderr_tail = "loading\n",
          .result_json = R"({"throughput_per_s": 12.5})"};
}

// A record file with `count` typical records of this seed.
inline void WriteRecords(const std::filesystem::path& path, int count, uint64_t seed) {
  auto writer = RecordFileWriter::Create(path, 1, 1);
  ASSERT_TRUE(writer.ok()) << writer.error().message();
  std::mt19937_64 random(seed);
  for (int i = 0; i < count; ++i) {
    const OwnedRecord owned = TypicalRecord(random, static_cast<uint64_t>(i));
    (*writer)->lane(0).Append(owned.record, owned.spans);
  }
  ASSERT_TRUE((*writer)->Close().ok());
}

// Whether exactly those records come out of the store.
inline void ExpectRecords(StudyStore& store, int64_t replicate_id, int count, uint64_t seed) {
  std::mt19937_64 random(seed);
  int seen = 0;
  const auto stored =
      store.ForEachRecord(replicate_id, [&](const RequestRecord& record, std::span<const StageSpan> spans) {
        const OwnedRecord expected = TypicalRecord(random, static_cast<uint64_t>(seen++));
        ASSERT_TRUE(SameRecord(record, expected.record)) << seen;
        ASSERT_TRUE(SameSpans(spans, expected.spans)) << seen;
      });
  ASSERT_TRUE(stored.ok()) << stored.error().message();
  EXPECT_EQ(stored->records, count);
  EXPECT_EQ(seen, count);
}

}  // namespace sightline::store::testing
