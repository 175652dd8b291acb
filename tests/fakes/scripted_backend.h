// A backend linked into a test, whose behaviour the test scripts: what it answers, how long it takes, when it
// fails.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "include/sightline/backend_abi.h"
#include "src/flow/tensor.h"

namespace sightline::testing {

constexpr int kScriptedInputSide = 8;
constexpr int kScriptedClasses = 6;

// An output that is the same for every picture.
struct ScriptedOutput {
  std::string name;
  std::vector<int64_t> dims;   // without the batch
  std::vector<float> values;   // of one picture
  std::vector<int64_t> given;  // where `dims` are open: what a run gives, all dimensions
};

struct Script {
  bool dynamic_batch = true;
  bool dynamic_output = false;  // the data decides how many scores there are
  int input_side = kScriptedInputSide;
  int fail_at_run = -1;      // counted from 0 over all instances; that run fails with "scripted failure"
  int broken_position = -1;  // the picture of a batch whose scores are no numbers
  int output_rank = 2;       // 0: the engine says that its output is a single number
  std::vector<ScriptedOutput> outputs;  // in place of the scores, where there are any
  std::function<void()> during_run;     // called in every run
  std::atomic<int> runs{0};
  std::atomic<int64_t> last_batch{0};  // dims[0] of the last run's input
  std::atomic<const void*> last_input{nullptr};

  void Reset() {
    dynamic_batch = true;
    dynamic_output = false;
    input_side = kScriptedInputSide;
    fail_at_run = -1;
    broken_position = -1;
    output_rank = 2;
    outputs.clear();
    during_run = nullptr;
    runs = 0;
    last_batch = 0;
    last_input = nullptr;
  }
};

// The one script of the process; reset it at the start of a test.
Script& TheScript();

// The function table: one model, input [N,3,8,8] (or as Script says) fp32 NCHW, output [N,6] fp32. Picture
// i's scores are {m, 1, 2, 3, 4, 5} where m is the mean of its input values.
const SlBackend* ScriptedBackend();

}  // namespace sightline::testing
