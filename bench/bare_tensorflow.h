// A bare loop on TensorFlow's C API, in a library of its own: TensorFlow must not share a symbol scope with
// the protobuf that the benchmark itself uses (docs/architecture.md).
#pragma once

#include "include/sightline/backend_abi.h"

extern "C" {
// A session on `graph` with `threads` intra-op threads. nullptr: TensorFlow refused.
typedef void* (*BareOpenFunction)(const SlGraph* graph, int threads);
// Once, before the first run: what it reads (one NHWC fp32 picture; the caller's, alive as long as the
// session).
typedef void (*BareBindFunction)(void* session, const SlTensor* input);
// One TF_SessionRun. False: it failed.
typedef bool (*BareRunFunction)(void* session);
typedef void (*BareCloseFunction)(void* session);
}
