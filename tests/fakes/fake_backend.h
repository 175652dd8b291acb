// A backend written straight over the ABI's C table, without the kit: output "y" = 2 x "x", both fp32 [?, 4].
// run_async really runs on a thread of its own, one run after another. Tests set what it does next and see
// what reached it. One state per process; not thread-safe.
#pragma once

#include <functional>
#include <map>
#include <string>

#include "include/sightline/backend_abi.h"

namespace sightline::fakes {

struct FakeState {
  // What it does.
  SlStatusCode next_status = SL_OK;  // of the next engine_create, instance_create, run or profile
  std::string next_message;
  uint32_t model_kinds = SL_MODEL_GRAPH | SL_MODEL_ONNX | SL_MODEL_FILE;
  uint64_t features = SL_FEATURE_DYNAMIC_BATCH | SL_FEATURE_ASYNC | SL_FEATURE_CANCEL | SL_FEATURE_PROFILE;
  int max_onnx_opset = 20;
  int output_rank = 2;
  bool dynamic_output = false;  // y's columns are SL_DIM_DYNAMIC
  int64_t output_columns = 3;   // and as many come out
  bool refuse_async = false;
  std::function<void()> during_run;  // called in every run, on its thread
  std::string sanitizer;             // set by ResetFake to this build's own

  // What it saw.
  int engines = 0;    // alive
  int instances = 0;  // alive
  int cancels = 0;
  uint64_t cancelled_run = 0;
  uint64_t last_run = 0;
  int instance_index = -1;
  SlModelKind model_kind = SL_MODEL_FILE;
  bool had_graph = false;
  size_t onnx_bytes = 0;
  std::string path;
  std::string device;
  int max_batch = 0;
  std::map<std::string, std::string> options;
};

FakeState& Fake();
// Back to how the process began.
void ResetFake();

// Complete and right; copy it to break it.
const SlBackend& FakeTable();

}  // namespace sightline::fakes
