// How a session is to run, as the messages TensorFlow takes: ConfigProto and RunOptions of
// tensorflow/core/protobuf/config.proto, RewriterConfig of rewriter_config.proto.
#pragma once

#include <string>

namespace sightline::tensorflow {

struct SessionSettings {
  int intra_threads = 0;  // 0: TensorFlow's own choice, all cores
  int inter_threads = 0;
  bool xla = false;
  bool grappler = true;
  bool bf16 = false;  // Grappler turns fp32 operations into bf16 ones
  int gpu = -1;       // the one the session sees, as CUDA counts them; -1: none, it computes on the CPU
};

// A ConfigProto. Each session gets threads of its own.
std::string ConfigBytes(const SessionSettings& settings);

// A RunOptions. With one inter-op thread the operators run on the thread that calls: no handing over, and a
// thread that the host pinned to a core stays there. `trace` asks for the time of each operator.
std::string RunOptionsBytes(const SessionSettings& settings, bool trace);

}  // namespace sightline::tensorflow
