#include "src/study/end_reason.h"

#include <gtest/gtest.h>

#include <csignal>

namespace sightline::study {
namespace {

constexpr int Exit(int code) {
  return code << 8;
}

TEST(ReasonOf, ExitCodesOfSightline) {
  EXPECT_EQ(ReasonOf({.wait_status = Exit(0)}), EndReason::kDone);
  EXPECT_EQ(ReasonOf({.wait_status = Exit(1)}), EndReason::kDone);
  EXPECT_EQ(ReasonOf({.wait_status = Exit(2)}), EndReason::kRefused);
  EXPECT_EQ(ReasonOf({.wait_status = Exit(3)}), EndReason::kInterrupted);
  EXPECT_EQ(ReasonOf({.wait_status = Exit(134)}), EndReason::kCrashed);
}

TEST(ReasonOf, Signals) {
  EXPECT_EQ(ReasonOf({.wait_status = SIGSEGV}), EndReason::kCrashed);
  EXPECT_EQ(ReasonOf({.wait_status = SIGKILL}), EndReason::kCrashed);
  EXPECT_EQ(ReasonOf({.wait_status = SIGKILL, .kernel_ran_out_of_memory = true}), EndReason::kOutOfMemory);
  EXPECT_EQ(ReasonOf({.wait_status = SIGSEGV, .kernel_ran_out_of_memory = true}), EndReason::kCrashed);
}

TEST(ReasonOf, WhatWeDidComesFirst) {
  EXPECT_EQ(
      ReasonOf(
          {.wait_status = SIGKILL, .ended_by_us = EndReason::kTimedOut, .kernel_ran_out_of_memory = true}),
      EndReason::kTimedOut);
  EXPECT_EQ(ReasonOf({.wait_status = Exit(0), .ended_by_us = EndReason::kInterrupted}),
            EndReason::kInterrupted);
}

TEST(WaitStatusText, InWords) {
  EXPECT_EQ(WaitStatusText(Exit(2)), "exit code 2");
  EXPECT_EQ(WaitStatusText(SIGSEGV), "signal 11 (Segmentation fault)");
  EXPECT_EQ(EndReasonName(EndReason::kOutOfMemory), "out_of_memory");
}

}  // namespace
}  // namespace sightline::study
