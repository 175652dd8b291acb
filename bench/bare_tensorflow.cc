#include "bench/bare_tensorflow.h"

#include <memory>
#include <string>
#include <utility>

#include "backends/tensorflow/core/session.h"
#include "backends/tensorflow/core/translate.h"

namespace {

namespace tf = sightline::tensorflow;

struct Bare {
  tf::Model model;
  tf::SessionPtr session;
  std::string options;
  TF_Buffer* options_buffer = nullptr;
  TF_Tensor* input = nullptr;
  TF_Status* status = TF_NewStatus();

  ~Bare() {
    if (options_buffer != nullptr) TF_DeleteBuffer(options_buffer);
    if (input != nullptr) TF_DeleteTensor(input);
    TF_DeleteStatus(status);
  }
};

}  // namespace

extern "C" __attribute__((visibility("default"))) void* BareOpen(const SlGraph* graph, int threads) {
  auto bare = std::make_unique<Bare>();
  const tf::SessionSettings settings{.intra_threads = threads, .inter_threads = 1};
  auto model = tf::Translate(*graph);
  if (!model.ok()) return nullptr;
  bare->model = std::move(model).value();
  auto session = tf::OpenSession(bare->model.graph.get(), settings);
  if (!session.ok()) return nullptr;
  bare->session = std::move(session).value();
  bare->options = tf::RunOptionsBytes(settings, false);
  bare->options_buffer = TF_NewBufferFromString(bare->options.data(), bare->options.size());
  return bare.release();
}

extern "C" __attribute__((visibility("default"))) void BareBind(void* session, const SlTensor* input) {
  static_cast<Bare*>(session)->input = TF_NewTensor(
      TF_FLOAT, input->dims, input->rank, input->data, input->bytes, [](void*, size_t, void*) {}, nullptr);
}

extern "C" __attribute__((visibility("default"))) bool BareRun(void* session) {
  auto* bare = static_cast<Bare*>(session);
  TF_Tensor* output = nullptr;
  TF_SessionRun(bare->session.get(), bare->options_buffer, bare->model.feeds.data(), &bare->input, 1,
                bare->model.fetches.data(), &output, 1, nullptr, 0, nullptr, bare->status);
  if (TF_GetCode(bare->status) != TF_OK) return false;
  TF_DeleteTensor(output);
  return true;
}

extern "C" __attribute__((visibility("default"))) void BareClose(void* session) {
  delete static_cast<Bare*>(session);
}
