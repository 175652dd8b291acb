// A TensorFlow session: one running copy of a graph.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "backends/kit/kit.h"
#include "backends/tensorflow/core/c_api.h"
#include "backends/tensorflow/core/devices.h"
#include "backends/tensorflow/core/session_config.h"

namespace sightline::tensorflow {

// Closes a session and frees it.
struct SessionDeleter {
  void operator()(TF_Session* session) const;
};
using SessionPtr = std::unique_ptr<TF_Session, SessionDeleter>;

// Ready for TF_NewSession and TF_LoadSessionFromSavedModel.
kit::Result<SessionOptionsPtr> MakeSessionOptions(const SessionSettings& settings);
// A session on `graph`, with its own copy of the constants. The graph lives as long as the session.
kit::Result<SessionPtr> OpenSession(TF_Graph* graph, const SessionSettings& settings);

// What a session with these settings can run on.
kit::Result<std::vector<LibraryDevice>> ListDevices(const SessionSettings& settings);

// Feeds and fetches the same places again and again. One run at a time.
class SessionRunner {
 public:
  // `outputs` describes what `fetches` give.
  SessionRunner(SessionPtr session, std::vector<TF_Output> feeds, std::vector<TF_Output> fetches,
                std::vector<kit::TensorInfo> outputs, const SessionSettings& settings);

  // Inputs are read where they lie; outputs are TensorFlow's own and copied to where they are wanted, with
  // their dims where the data decides them.
  kit::Status Run(kit::Inputs inputs, kit::Outputs outputs, kit::SpanRecorder& spans);
  // The same with the time of each operator.
  kit::Status Profile(kit::Inputs inputs, kit::Outputs outputs, const kit::LayerSink& sink);

 private:
  kit::Status Bind(kit::Inputs inputs);
  kit::Status Compute(const TF_Buffer* options, TF_Buffer* metadata);
  kit::Status CheckOutput(size_t i, const SlTensor& wanted) const;
  kit::Status Collect(kit::Outputs outputs);
  void Release();

  SessionPtr session_;
  std::vector<TF_Output> feeds_;
  std::vector<TF_Output> fetches_;
  std::vector<kit::TensorInfo> outputs_;
  BufferPtr run_options_;
  BufferPtr trace_options_;
  StatusPtr status_;
  std::vector<TF_Tensor*> fed_;      // during a run
  std::vector<TF_Tensor*> fetched_;  // during a run
};

}  // namespace sightline::tensorflow
