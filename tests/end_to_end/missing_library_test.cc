// Plugins whose framework's own library is not there when they are opened: one sentence, in `doctor` and in
// `run`.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "tests/end_to_end/program.h"

namespace sightline::end_to_end {
namespace {

using ::testing::HasSubstr;

bool Built(std::string_view backend) {
  constexpr std::array kBuilt = {SIGHTLINE_BUILT_BACKENDS};
  return std::find(kBuilt.begin(), kBuilt.end(), backend) != kBuilt.end();
}

const std::vector<std::pair<std::string, std::string>> kNowhere = {
    {"SIGHTLINE_ONNXRUNTIME_LIBRARY", "/nowhere/libonnxruntime.so"}};

// What is said of ONNX Runtime: that it was not built, or that its library is missing.
std::string Sentence() {
  return Built("onnxruntime")
             ? "ONNX Runtime can't be loaded (/nowhere/libonnxruntime.so: cannot open shared object"
             : "ONNX Runtime was not there when Sightline was built";
}

TEST(MissingLibrary, DoctorSaysSoAndGoesOn) {
  const Finished f = RunProgram("doctor", kNowhere);
  EXPECT_EQ(f.exit_code, 0) << f.err;
  EXPECT_THAT(f.out, HasSubstr("onnxruntime  not here: "));
  EXPECT_THAT(f.out, HasSubstr(Sentence()));
  EXPECT_THAT(f.out, HasSubstr("OpenCV DNN 4."));
}

TEST(MissingLibrary, RunEndsWithTheSentence) {
  const Finished f = RunProgram(
      "run -m mobilenet_v1_0.25_128 --backend onnxruntime --quiet --input tests/data/pictures", kNowhere);
  EXPECT_EQ(f.exit_code, 2);
  EXPECT_THAT(f.err, HasSubstr(Sentence()));
  EXPECT_EQ(std::count(f.err.begin(), f.err.end(), '\n'), 1) << f.err;
}

}  // namespace
}  // namespace sightline::end_to_end
