#include "backends/kit/options.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstddef>

namespace sightline::kit {
namespace {

using ::testing::HasSubstr;

BackendInfo TestInfo() {
  BackendInfo info;
  info.name = "test";
  info.precisions = 1u << SL_F32 | 1u << SL_BF16;
  info.devices = {{"cpu", "CPU", -1}, {"npu", "NPU", 1024}};
  info.options = {{"xla", {"on", "off"}, {}, "off", ""},
                  {"delay_us", {}, OptionInfo::Range{0, 100}, "7", ""},
                  {"tag", {}, {}, "", ""}};
  return info;
}

SlEngineOptions Valid() {
  SlEngineOptions options{};
  options.struct_size = sizeof options;
  options.device = "npu";
  options.precision = SL_BF16;
  options.max_batch = 4;
  options.instance_count = 2;
  options.intra_threads = 3;
  return options;
}

// The sentence for options with one key=value.
std::string ErrorFor(const char* key, const char* value) {
  const SlKeyValue pair{key, value};
  SlEngineOptions options = Valid();
  options.options = &pair;
  options.option_count = 1;
  return std::string(ReadEngineOptions(options, TestInfo()).status().message());
}

TEST(ReadEngineOptions, TakesWhatTheBackendDeclared) {
  const SlKeyValue pairs[] = {{"xla", "on"}, {"tag", "any text"}};
  SlEngineOptions c = Valid();
  c.options = pairs;
  c.option_count = 2;
  const auto options = ReadEngineOptions(c, TestInfo());
  ASSERT_TRUE(options.ok()) << options.status().message();
  EXPECT_EQ(options->device, "npu");
  EXPECT_EQ(options->precision, SL_BF16);
  EXPECT_EQ(options->max_batch, 4);
  EXPECT_EQ(options->intra_threads, 3);
  EXPECT_EQ(options->values.Word("xla"), "on");
  EXPECT_EQ(options->values.Word("tag"), "any text");
  EXPECT_EQ(options->values.Number("delay_us"), 7);
  EXPECT_EQ(options->values.Word("never declared"), "");
}

TEST(ReadEngineOptions, NamesUnknownKeysAndListsTheKnown) {
  EXPECT_EQ(ErrorFor("xlaa", "on"), "backend test has no option 'xlaa'; its options are: xla, delay_us, tag");
}

TEST(ReadEngineOptions, NamesAllowedValues) {
  EXPECT_EQ(ErrorFor("xla", "yes"), "option xla of backend test is on|off, not 'yes'");
  EXPECT_EQ(ErrorFor("delay_us", "101"), "option delay_us of backend test is 0..100, not '101'");
  EXPECT_EQ(ErrorFor("delay_us", "7x"), "option delay_us of backend test is 0..100, not '7x'");
  EXPECT_EQ(ErrorFor("delay_us", ""), "option delay_us of backend test is 0..100, not ''");
}

TEST(ReadEngineOptions, RefusesNullsInOptions) {
  EXPECT_EQ(ErrorFor("xla", nullptr), "option 0 has no key or no value");
  SlEngineOptions c = Valid();
  c.option_count = 1;
  EXPECT_EQ(ReadEngineOptions(c, TestInfo()).status().message(), "options is null but option_count is 1");
}

TEST(ReadEngineOptions, ListsDevicesAndPrecisions) {
  SlEngineOptions c = Valid();
  c.device = "gpu";
  const auto device = ReadEngineOptions(c, TestInfo()).status();
  EXPECT_EQ(device.code(), SL_NOT_FOUND);
  EXPECT_EQ(device.message(), "backend test has no device 'gpu' here; it has: cpu, npu");
  c = Valid();
  c.precision = SL_I8;
  const auto precision = ReadEngineOptions(c, TestInfo()).status();
  EXPECT_EQ(precision.code(), SL_UNSUPPORTED);
  EXPECT_EQ(precision.message(), "backend test can't compute in int8; it offers: fp32, bf16");
  c.precision = static_cast<SlDataType>(12);
  EXPECT_THAT(ReadEngineOptions(c, TestInfo()).status().message(), HasSubstr("unknown type"));
}

TEST(ReadEngineOptions, HoldsCountsToTheirRanges) {
  SlEngineOptions c = Valid();
  c.max_batch = 0;
  EXPECT_EQ(ReadEngineOptions(c, TestInfo()).status().message(), "max_batch is 0; it must be at least 1");
  c = Valid();
  c.instance_count = 0;
  EXPECT_EQ(ReadEngineOptions(c, TestInfo()).status().message(),
            "instance_count is 0; it must be at least 1");
  c = Valid();
  c.intra_threads = -1;
  EXPECT_THAT(ReadEngineOptions(c, TestInfo()).status().message(), HasSubstr("thread counts are -1 and 0"));
}

TEST(ReadEngineOptions, RefusesProfilingWhereItIsNotOffered) {
  SlEngineOptions c = Valid();
  c.profile = 1;
  EXPECT_EQ(ReadEngineOptions(c, TestInfo()).status().message(), "backend test can't give times per layer");
}

TEST(ReadEngineOptions, RefusesAnOlderStruct) {
  SlEngineOptions c = Valid();
  c.struct_size = offsetof(SlEngineOptions, options);
  EXPECT_THAT(ReadEngineOptions(c, TestInfo()).status().message(), HasSubstr("SlEngineOptions.struct_size"));
}

}  // namespace
}  // namespace sightline::kit
