#include "backends/kit/stderr_capture.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdio>
#include <string_view>

namespace sightline::kit {
namespace {

void Write(std::string_view text) {
  EXPECT_EQ(write(STDERR_FILENO, text.data(), text.size()), static_cast<ssize_t>(text.size()));
}

TEST(StderrCapture, KeepsWhatIsWrittenMeanwhileOnOneLine) {
  testing::internal::CaptureStderr();
  Write("before ");
  StderrCapture capture;
  Write("first line\n");
  std::fputs("  second\n", stderr);
  EXPECT_EQ(capture.Take(), "first line second");
  EXPECT_EQ(capture.Take(), "first line second");
  Write("after");
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "before after");
}

TEST(StderrCapture, DropsWhatNobodyTakes) {
  testing::internal::CaptureStderr();
  {
    const StderrCapture capture;
    Write("unseen");
  }
  Write("seen");
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "seen");
}

TEST(StderrCapture, CutsLongText) {
  StderrCapture capture;
  Write(std::string(5000, 'x'));
  EXPECT_EQ(capture.Take().size(), 400u);
}

}  // namespace
}  // namespace sightline::kit
