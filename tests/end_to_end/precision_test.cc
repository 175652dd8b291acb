// `--precision int8` where this program makes the quantized network: backends that read ONNX of opset 13.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "tests/end_to_end/program.h"

namespace sightline::end_to_end {
namespace {

using Json = nlohmann::json;

const std::string kInt8 =
    " -m mobilenet_v1_0.25_128 --precision int8 --calibration-pictures 2 --input tests/data/pictures";

// Those of the backends built here that take such a network.
std::vector<std::string> Quantizing() {
  std::vector<std::string> backends;
  for (const std::string backend : {SIGHTLINE_BUILT_BACKENDS}) {
    if (backend == "onnxruntime") backends.push_back(backend);
  }
  return backends;
}

TEST(Precision, Int8IsCalibratedAndHeldAgainstFp32) {
  for (const std::string& backend : Quantizing()) {
    const Finished f = RunProgram("verify --pictures 4 --json --backend " + backend + kInt8);
    ASSERT_EQ(f.exit_code, 0) << backend << ": " << f.err;
    const Json row = Json::parse(f.out)[0];
    EXPECT_EQ(row["precision_run"], "int8") << backend;
    EXPECT_EQ(row["pictures"], 4) << backend;
    EXPECT_EQ(row["finite"], true) << backend;
    EXPECT_GT(row["sqnr_db"], 0) << backend << ": more noise than signal";
  }
}

TEST(Precision, Int8IsMeasured) {
  for (const std::string& backend : Quantizing()) {
    const Finished f =
        RunProgram("run --quiet --warm-up 0s --iterations 3 --json - --backend " + backend + kInt8);
    ASSERT_EQ(f.exit_code, 0) << backend << ": " << f.err;
    const Json result = Json::parse(f.out);
    EXPECT_EQ(result["manifest"]["backend"]["precision_run"], "int8") << backend;
    EXPECT_EQ(result["manifest"]["trial"]["calibration_pictures"], 2) << backend;
  }
}

}  // namespace
}  // namespace sightline::end_to_end
