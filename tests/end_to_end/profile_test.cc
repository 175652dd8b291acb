// `sightline profile` on every framework that was built and can give times per layer.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "tests/end_to_end/program.h"

namespace sightline::end_to_end {
namespace {

using ::testing::HasSubstr;
using Json = nlohmann::json;

const std::string kProfile = "profile -m mobilenet_v1_0.25_128 --runs 6 --quiet --input tests/data/pictures";

// The backends built here that give times per layer.
std::vector<std::string> Profilers() {
  std::vector<std::string> profilers;
  for (const std::string backend : {SIGHTLINE_BUILT_BACKENDS}) {
    if (backend == "opencv" || backend == "tensorflow") profilers.push_back(backend);
  }
  return profilers;
}

TEST(Profile, EveryConvolutionIsFoundWithItsWorkAndItsTime) {
  for (const std::string& backend : Profilers()) {
    const Finished f = RunProgram(kProfile + " -b 2 --json --backend " + backend);
    ASSERT_EQ(f.exit_code, 0) << backend << ": " << f.err;
    const Json profile = Json::parse(f.out);
    EXPECT_EQ(profile["runs"], 6);
    int64_t macs = 0;
    double layers_ns = 0;
    int convolutions = 0;
    for (const Json& layer : profile["layers"]) {
      macs += layer.value("macs", int64_t{0});
      layers_ns += layer["duration_ns_p50"].get<double>();
      if (!layer.value("type", "").starts_with("Conv") || layer["nodes"].empty()) continue;
      EXPECT_GT(layer["macs"], 0) << backend << " " << layer["name"];
      EXPECT_GT(layer["duration_ns_p50"], 0) << backend << " " << layer["name"];
      EXPECT_TRUE(layer.contains("verdict")) << backend << " " << layer["name"];
      ++convolutions;
    }
    EXPECT_EQ(convolutions, 27) << backend;
    EXPECT_EQ(macs, 2 * profile["model"]["macs"].get<int64_t>()) << backend << ": of a batch of two";
    EXPECT_GT(layers_ns, 0);
    EXPECT_GT(profile["inference_ns_p50"], 0);
    EXPECT_GT(profile["roofs"]["macs_per_s"], 0);
    EXPECT_EQ(profile["roofs"]["bandwidths"].back()["memory"], "memory");
  }
}

TEST(Profile, TheTraceIsOneABrowserOpens) {
  const TemporaryFolder folder;
  for (const std::string& backend : Profilers()) {
    const Finished f =
        RunProgram(kProfile + " --top 3 --trace " + (folder / "trace.json") + " --backend " + backend);
    ASSERT_EQ(f.exit_code, 0) << backend << ": " << f.err;
    EXPECT_THAT(f.out, HasSubstr("(not in any layer)"));
    const Json trace = Json::parse(Contents(folder / "trace.json"));
    const Json& events = trace["traceEvents"];
    EXPECT_GT(events.size(), 30U);
    for (const Json& event : events) {
      ASSERT_TRUE(event["ph"] == "X" || event["ph"] == "M") << event;
      EXPECT_TRUE(event["pid"].is_number_integer() && event["tid"].is_number_integer()) << event;
      if (event["ph"] == "M") continue;
      EXPECT_GE(event["ts"], 0) << event;
      EXPECT_GE(event["dur"], 0) << event;
    }
    EXPECT_TRUE(std::any_of(events.begin(), events.end(), [](const Json& event) {
      return event.contains("args") && event["args"].value("macs", 0) > 0;
    })) << backend;
  }
}

TEST(Profile, TypesAreSummedUp) {
  for (const std::string& backend : Profilers()) {
    const Finished f = RunProgram(kProfile + " --by type --threads 1 --backend " + backend);
    ASSERT_EQ(f.exit_code, 0) << backend << ": " << f.err;
    EXPECT_THAT(f.out, HasSubstr("Conv depthwise "));
    EXPECT_THAT(f.out, HasSubstr("1 thread"));
  }
}

}  // namespace
}  // namespace sightline::end_to_end
