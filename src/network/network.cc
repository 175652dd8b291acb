#include "src/network/network.h"

#include <algorithm>
#include <mutex>
#include <utility>

#include "fmt/format.h"
#include "google/protobuf/io/coded_stream.h"
#include "google/protobuf/io/zero_copy_stream_impl_lite.h"
#include "onnx/onnx_pb.h"
#include "src/base/text.h"
#include "src/network/batch.h"
#include "src/network/cost.h"
#include "src/network/draft.h"
#include "src/network/graph_view.h"
#include "src/network/normalize.h"
#include "src/network/reader.h"
#include "src/network/rewrites.h"

namespace sightline::network {
namespace {

// The draft with its weights back in the graph. They are borrowed, not copied: protobuf gets the pointers,
// and gives them back before it would delete them.
class AssembledModel {
 public:
  explicit AssembledModel(const Draft& draft) : model_(draft.model), weights_(draft.constants) {
    auto& initializers = *model_.mutable_graph()->mutable_initializer();
    for (const auto& [name, tensor] : weights_) {
      initializers.UnsafeArenaAddAllocated(const_cast<onnx::TensorProto*>(tensor.get()));
    }
  }
  ~AssembledModel() {
    auto& initializers = *model_.mutable_graph()->mutable_initializer();
    initializers.UnsafeArenaExtractSubrange(0, initializers.size(), nullptr);
  }
  AssembledModel(const AssembledModel&) = delete;
  AssembledModel& operator=(const AssembledModel&) = delete;

  const onnx::ModelProto& model() const { return model_; }

 private:
  onnx::ModelProto model_;
  ConstantMap weights_;  // keeps them alive
};

Error InModel(const Error& error, const std::string& name) {
  return error.WithContext(fmt::format("model '{}'", name));
}

}  // namespace

struct Network::Impl {
  explicit Impl(Draft normalized) : draft(std::move(normalized)), assembled(draft) {}

  const Draft draft;
  const AssembledModel assembled;
  std::once_flag view_once;
  std::unique_ptr<GraphView> view;
};

Network::Network(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Network::Network(Network&&) noexcept = default;
Network& Network::operator=(Network&&) noexcept = default;
Network::~Network() = default;

Result<Network> Network::FromFile(const std::filesystem::path& path) {
  SIGHTLINE_ASSIGN_OR_RETURN(std::unique_ptr<onnx::ModelProto> model, ReadModelFile(path));
  return FromModel(std::move(model), path.string());
}

Result<Network> Network::FromModel(std::unique_ptr<onnx::ModelProto> model, const std::string& name) {
  Result<Draft> draft = MakeDraft(std::move(model), name);
  if (!draft.ok()) return InModel(draft.error(), name);
  if (const Status status = Normalize(*draft); !status.ok()) return InModel(status.error(), name);
  return Network(std::make_unique<Impl>(*std::move(draft)));
}

const std::string& Network::name() const {
  return impl_->draft.name;
}
int Network::opset() const {
  return impl_->draft.opset();
}
const onnx::ModelProto& Network::model() const {
  return impl_->assembled.model();
}

std::optional<int64_t> Network::batch() const {
  return BatchOf(impl_->draft);
}

Result<Network> Network::WithBatch(std::optional<int64_t> batch) const {
  Draft draft = impl_->draft;
  if (const Status status = ChangeBatch(draft, batch); !status.ok()) return InModel(status.error(), name());
  return Network(std::make_unique<Impl>(std::move(draft)));
}

Result<Network> Network::WithRewrites(std::span<const std::string> names) const {
  const std::vector<std::string> known = KnownRewrites();
  for (const std::string& wanted : names) {
    if (std::find(known.begin(), known.end(), wanted) != known.end()) continue;
    return Error(ErrorKind::kNotFound,
                 fmt::format("there is no graph rewrite '{}'; known are {}", wanted, Join(known)));
  }
  Draft draft = impl_->draft;
  for (const Rewrite& rewrite : Rewrites()) {
    if (std::find(names.begin(), names.end(), rewrite.name) == names.end()) continue;
    if (Status status = rewrite.apply(draft); !status.ok()) return InModel(status.error(), name());
    if (Status status = Renormalize(draft); !status.ok()) return InModel(status.error(), name());
  }
  return Network(std::make_unique<Impl>(std::move(draft)));
}

NetworkCost Network::Cost() const {
  return CountCost(impl_->draft);
}

Result<std::string> Network::Serialize() const {
  const size_t bytes = model().ByteSizeLong();
  if (bytes > static_cast<size_t>(INT32_MAX)) {
    return Error(ErrorKind::kUnsupported,
                 fmt::format("model '{}' has {:.1f} GB, and an ONNX file in one piece holds at most 2",
                             name(), static_cast<double>(bytes) * 1e-9));
  }
  std::string serialized;
  serialized.reserve(bytes);
  {
    google::protobuf::io::StringOutputStream stream(&serialized);
    google::protobuf::io::CodedOutputStream coded(&stream);
    coded.SetSerializationDeterministic(true);
    SIGHTLINE_CHECK(model().SerializeToCodedStream(&coded));
  }
  return serialized;
}

const SlGraph& Network::Graph() const {
  std::call_once(impl_->view_once, [this] { impl_->view = std::make_unique<GraphView>(impl_->draft); });
  return impl_->view->graph();
}

std::vector<std::string> KnownRewrites() {
  std::vector<std::string> names;
  for (const Rewrite& rewrite : Rewrites()) names.emplace_back(rewrite.name);
  return names;
}

}  // namespace sightline::network
