#include "src/network/reader.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <limits>
#include <system_error>
#include <unordered_set>
#include <utility>
#include <vector>

#include "fmt/format.h"
#include "google/protobuf/io/zero_copy_stream_impl.h"
#include "onnx/checker.h"
#include "src/network/tensor_data.h"

namespace sightline::network {
namespace {

namespace fs = std::filesystem;

Error Invalid(std::string message) {
  return {ErrorKind::kInvalidArgument, std::move(message)};
}

// Protobuf counts bytes in an int.
constexpr uintmax_t kLargestFileBytes = std::numeric_limits<int32_t>::max();

Status CheckFile(const fs::path& path) {
  std::error_code failure;
  const fs::file_status status = fs::status(path, failure);
  if (status.type() == fs::file_type::not_found) {
    return Error(ErrorKind::kNotFound,
                 fmt::format("model file '{}' does not exist: check the path", path.string()));
  }
  if (status.type() == fs::file_type::directory) {
    return Invalid(
        fmt::format("'{}' is a folder, not an ONNX file: give the .onnx file itself", path.string()));
  }
  const uintmax_t bytes = fs::file_size(path, failure);
  if (failure)
    return Invalid(fmt::format("model file '{}' can't be read: {}", path.string(), failure.message()));
  if (bytes == 0) {
    return Invalid(fmt::format("model file '{}' is empty: download or export it again", path.string()));
  }
  if (bytes > kLargestFileBytes) {
    return Invalid(
        fmt::format("model file '{}' has {:.1f} GB, and an ONNX file in one piece has at most 2: "
                    "is it really an ONNX model?",
                    path.string(), static_cast<double>(bytes) * 1e-9));
  }
  return OkStatus();
}

// A ModelProto begins with field 1 (ir_version, a varint) as every known exporter writes it.
bool LooksLikeModel(const fs::path& path) {
  const int file = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  unsigned char first = 0;
  const bool read_one = file >= 0 && read(file, &first, 1) == 1;
  if (file >= 0) close(file);
  return read_one && first == 0x08;
}

Status CheckVersions(const onnx::ModelProto& model) {
  if (model.ir_version() > onnx::Version::IR_VERSION) {
    return Invalid(
        fmt::format("it has ONNX IR version {}, and this build reads up to {}: export it with an older "
                    "IR version, e.g. model.ir_version = {} in Python's onnx",
                    model.ir_version(), static_cast<int>(onnx::Version::IR_VERSION),
                    static_cast<int>(onnx::Version::IR_VERSION)));
  }
  int64_t opset = 0;
  for (const auto& import : model.opset_import()) {
    if (import.domain().empty() || import.domain() == "ai.onnx") opset = import.version();
  }
  if (opset == 0)
    return Invalid(
        "it does not say which ONNX operator set it uses, or its end is missing: export or download it "
        "again");
  if (opset < kOldestOpset || opset > kNewestOpset) {
    return Invalid(
        fmt::format("it uses ONNX opset {}, and this build reads {} to {}: export it with one of these, or "
                    "convert it with Python's onnx.version_converter",
                    opset, kOldestOpset, kNewestOpset));
  }
  return OkStatus();
}

Status CheckStored(const onnx::TensorProto& tensor) {
  if (tensor.data_location() != onnx::TensorProto::EXTERNAL) return OkStatus();
  return Invalid(
      fmt::format("constant '{}' lies in another file (external data), which is not read: save the model in "
                  "one piece, e.g. with onnx.save(..., save_as_external_data=False)",
                  tensor.name()));
}

Status CheckStorage(const onnx::GraphProto& graph) {
  if (graph.sparse_initializer_size() > 0) {
    return Invalid(
        fmt::format("constant '{}' is stored as a sparse tensor, which is not read: store it densely",
                    graph.sparse_initializer(0).values().name()));
  }
  for (const onnx::TensorProto& tensor : graph.initializer()) SIGHTLINE_RETURN_IF_ERROR(CheckStored(tensor));
  for (const onnx::NodeProto& node : graph.node()) {
    for (const onnx::AttributeProto& attribute : node.attribute()) {
      if (attribute.has_t()) SIGHTLINE_RETURN_IF_ERROR(CheckStored(attribute.t()));
      if (attribute.has_g()) SIGHTLINE_RETURN_IF_ERROR(CheckStorage(attribute.g()));
    }
  }
  return OkStatus();
}

// The checker's message is "what\n\n==> Context: Bad node spec for node. Name: N OpType: T"; made one
// sentence.
std::string CheckerSentence(std::string message) {
  const std::string context_mark = "\n\n==> Context: Bad node spec for node. Name: ";
  std::string place;
  if (const size_t mark = message.find(context_mark); mark != std::string::npos) {
    const std::string context = message.substr(mark + context_mark.size());
    const size_t type_mark = context.find(" OpType: ");
    place = fmt::format("node '{}' ({}): ", context.substr(0, type_mark),
                        type_mark == std::string::npos ? "?" : context.substr(type_mark + 9));
    message.resize(mark);
  }
  std::string sentence;
  for (const char c : message) {
    const bool space = c == '\n' || c == ' ';
    if (!space) {
      sentence += c;
    } else if (!sentence.empty() && sentence.back() != ' ') {
      sentence += ' ';
    }
  }
  // The checker prints whole nodes; more than this no reader takes in.
  constexpr size_t kLongest = 400;
  if (sentence.size() > kLongest) sentence = sentence.substr(0, kLongest) + "...";
  return "it is not valid ONNX: " + place + sentence;
}

// The checker wants outputs to declare a shape, which tools that cut graphs do not write and nobody needs:
// shape inference finds it. They are lent one for the check.
Status RunChecker(onnx::ModelProto& model) {
  std::vector<onnx::TypeProto::Tensor*> shapeless;
  for (onnx::ValueInfoProto& output : *model.mutable_graph()->mutable_output()) {
    if (!output.type().has_tensor_type() || output.type().tensor_type().has_shape()) continue;
    shapeless.push_back(output.mutable_type()->mutable_tensor_type());
    shapeless.back()->mutable_shape();
  }
  Status status;
  try {
    onnx::checker::check_model(model);
  } catch (const std::exception& failure) {  // ValidationError, and what the code under it throws
    status = Invalid(CheckerSentence(failure.what()));
  }
  for (onnx::TypeProto::Tensor* type : shapeless) type->clear_shape();
  return status;
}

std::unordered_set<std::string> GivenNames(const onnx::GraphProto& graph) {
  std::unordered_set<std::string> given;
  for (const auto& input : graph.input()) given.insert(input.name());
  for (const auto& initializer : graph.initializer()) given.insert(initializer.name());
  return given;
}

// Takes the initializers out of the graph, without copying their values.
Status SetConstantsAside(Draft& draft) {
  auto& initializers = *draft.graph().mutable_initializer();
  while (!initializers.empty()) {
    std::shared_ptr<onnx::TensorProto> tensor(initializers.ReleaseLast());
    SIGHTLINE_RETURN_IF_ERROR(MakeRaw(*tensor));
    tensor->clear_doc_string();
    const std::string& name = tensor->name();
    draft.constants.emplace(name, std::move(tensor));
  }
  auto& inputs = *draft.graph().mutable_input();
  for (int i = inputs.size() - 1; i >= 0; --i) {
    if (draft.constants.contains(inputs.Get(i).name())) inputs.DeleteSubrange(i, 1);
  }
  return OkStatus();
}

// What has no meaning here, and may be long: exporters write stack traces into doc strings.
void DropComments(Draft& draft) {
  draft.model.clear_training_info();
  draft.graph().clear_doc_string();
  for (onnx::NodeProto& node : *draft.graph().mutable_node()) node.clear_doc_string();
}

}  // namespace

Result<std::unique_ptr<onnx::ModelProto>> ReadModelFile(const fs::path& path) {
  SIGHTLINE_RETURN_IF_ERROR(CheckFile(path));
  const int file = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) {
    return Invalid(fmt::format("model file '{}' can't be opened: {}", path.string(),
                               std::generic_category().message(errno)));
  }
  constexpr int kBlockBytes = 4 << 20;  // the default of 8 KiB makes a system call per 2,000 weights
  google::protobuf::io::FileInputStream stream(file, kBlockBytes);
  stream.SetCloseOnDelete(true);
  auto model = std::make_unique<onnx::ModelProto>();
  const bool parsed = model->ParseFromZeroCopyStream(&stream);
  if (stream.GetErrno() != 0) {
    return Invalid(fmt::format("model file '{}' can't be read: {}", path.string(),
                               std::generic_category().message(stream.GetErrno())));
  }
  // Other files may pass for a model with an empty graph. One that lacks its opset is told so later.
  const bool has_content = model->opset_import_size() > 0 || model->graph().node_size() > 0;
  if (parsed && model->has_graph() && has_content) return model;
  if (LooksLikeModel(path)) {
    return Invalid(
        fmt::format("model file '{}' is truncated or damaged: download or export it again", path.string()));
  }
  return Invalid(fmt::format("'{}' is not an ONNX model: give a .onnx file", path.string()));
}

Result<Draft> MakeDraft(std::unique_ptr<onnx::ModelProto> model, std::string name) {
  Draft draft;
  draft.name = std::move(name);
  draft.model = std::move(*model);
  // Since IR version 4 initializers need not be inputs; many older files keep to that already.
  draft.model.set_ir_version(std::max<int64_t>(draft.model.ir_version(), 4));
  SIGHTLINE_RETURN_IF_ERROR(CheckVersions(draft.model));
  SIGHTLINE_RETURN_IF_ERROR(CheckStorage(draft.graph()));
  if (draft.graph().node_size() == 0) return Invalid("it has no operators: export it again");
  if (draft.graph().output_size() == 0) return Invalid("it has no outputs: export it again");
  SIGHTLINE_RETURN_IF_ERROR(SortNodes(draft.graph(), GivenNames(draft.graph())));
  SIGHTLINE_RETURN_IF_ERROR(RunChecker(draft.model));
  SIGHTLINE_RETURN_IF_ERROR(SetConstantsAside(draft));
  DropComments(draft);
  return draft;
}

}  // namespace sightline::network
