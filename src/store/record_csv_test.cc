#include "src/store/record_csv.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <regex>
#include <vector>

#include "src/base/text.h"
#include "src/store/files.h"

namespace sightline::store {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;

// The lines of the records of one lane.
std::vector<std::string> Written(const RecordLog& log, const std::vector<std::string>& labels) {
  const auto path = std::filesystem::temp_directory_path() / ("records_" + std::to_string(getpid()) + ".csv");
  const auto scan = [&](const RecordVisitor& visit) {
    log.ForEach(visit);
    return OkStatus();
  };
  EXPECT_TRUE(WriteRecordsCsv(path, scan, labels).ok());
  const std::string text = ReadFile(path).value();
  std::filesystem::remove(path);
  return Split(text, '\n');
}

RecordLog OneRemoteRecord() {
  RecordLog log;
  RequestRecord record;
  record.top_class = 1;
  record.top_score = 0.5F;
  record.dropped_spans = 2;
  record.clock_offset_ns = -17;
  record.clock_offset_error_ns = 3;
  const std::vector<StageSpan> spans = {
      {.key = {StageId::kDecode}, .begin_ns = 100, .end_ns = 110},
      {.key = {StageId::kInfer}, .clock = ClockId::kServer, .begin_ns = 200, .end_ns = 220}};
  log.Append(record, spans);
  return log;
}

TEST(RecordCsv, EveryStageNamesItsClock) {
  const auto lines = Written(OneRemoteRecord(), {});
  ASSERT_EQ(lines.size(), 3u);
  EXPECT_THAT(
      lines[0],
      EndsWith(",decode_clock,decode_begin_ns,decode_end_ns,infer_clock,infer_begin_ns,infer_end_ns"));
  EXPECT_THAT(lines[1], EndsWith(",client,100,110,server,200,220"));
  EXPECT_THAT(lines[1], HasSubstr(",2,-17,3,"));
  EXPECT_EQ(std::count(lines[0].begin(), lines[0].end(), ','),
            std::count(lines[1].begin(), lines[1].end(), ','));
}

TEST(RecordCsv, LabelsAreQuotedWhereTheyHoldAComma) {
  EXPECT_THAT(Written(OneRemoteRecord(), {"cat", "tench, Tinca tinca"})[1],
              HasSubstr(",1,\"tench, Tinca tinca\",0.5"));
  EXPECT_THAT(Written(OneRemoteRecord(), {})[1], HasSubstr(",1,,0.5"));
  EXPECT_THAT(Written(OneRemoteRecord(), {"only one"})[1], HasSubstr(",1,,0.5"));
}

TEST(RecordCsv, TheSchemaNamesEveryColumnInItsOrder) {
  const auto schema = nlohmann::ordered_json::parse(ReadFile("schema/record.schema.json").value());
  std::vector<std::string> named;
  for (const auto& [name, value] : schema["properties"].items()) named.push_back(name);
  const auto columns = Split(Written(OneRemoteRecord(), {})[0], ',');
  ASSERT_EQ(columns.size(), named.size() + 6);
  EXPECT_TRUE(std::equal(named.begin(), named.end(), columns.begin())) << ::testing::PrintToString(columns);
  const std::regex pattern(schema["patternProperties"].begin().key());
  for (size_t i = named.size(); i < columns.size(); ++i) EXPECT_TRUE(std::regex_match(columns[i], pattern));
}

TEST(RecordCsv, RecordsThatCanNotBeReadLeaveNoFile) {
  const auto path = std::filesystem::temp_directory_path() / ("unread_" + std::to_string(getpid()) + ".csv");
  const auto scan = [](const RecordVisitor&) {
    return Status(Error(ErrorKind::kUnavailable, "the disk is gone"));
  };
  EXPECT_EQ(WriteRecordsCsv(path, scan).error().message(), "the disk is gone");
  EXPECT_FALSE(std::filesystem::exists(path));
}

}  // namespace
}  // namespace sightline::store
