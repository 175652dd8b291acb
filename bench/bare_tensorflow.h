// A bare loop on TensorFlow's C API, in a library of its own: TensorFlow must not share a symbol scope with
// the protobuf that the benchmark itself uses (docs/architecture.md).
#pragma once

#include "include/sightline/backend_abi.h"

extern "C" {
// A session on `graph` with `threads` intra-op threads that reads `input` (one NHWC fp32 picture; the
// caller's, alive as long as the session is used). nullptr: TensorFlow refused. Never freed: the benchmark
// ends with it.
typedef void* (*BareOpenFunction)(const SlGraph* graph, const SlTensor* input, int threads);
// One TF_SessionRun. False: it failed.
typedef bool (*BareRunFunction)(void* session);
}
