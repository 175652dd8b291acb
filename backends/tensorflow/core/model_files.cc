#include "backends/tensorflow/core/model_files.h"

#include <algorithm>
#include <charconv>
#include <fstream>
#include <iterator>
#include <optional>
#include <set>
#include <string_view>
#include <system_error>
#include <vector>

#include "backends/tensorflow/core/graph_builder.h"
#include "backends/tensorflow/core/graph_facts.h"
#include "backends/tensorflow/core/messages.h"
#include "backends/tensorflow/core/signature.h"

namespace sightline::tensorflow {
namespace {

namespace fs = std::filesystem;
using Dims = std::vector<int64_t>;

// "name:1" or "name", which means output 0.
kit::Result<TF_Output> FindTensor(TF_Graph* graph, std::string_view text) {
  const size_t colon = text.rfind(':');
  const std::string name(text.substr(0, colon));
  int index = 0;
  if (colon != std::string_view::npos) {
    const std::string_view digits = text.substr(colon + 1);
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), index);
    if (error != std::errc() || end != digits.data() + digits.size()) index = -1;
  }
  TF_Operation* operation = TF_GraphOperationByName(graph, name.c_str());
  if (operation == nullptr || index < 0 || index >= TF_OperationNumOutputs(operation)) {
    return kit::InvalidArgument("it has no tensor '", text,
                                "'; write the name of an operation and its output, as in ", "input:0");
  }
  return TF_Output{operation, index};
}

bool LooksLikeChannels(int64_t dim) {
  return dim == 1 || dim == 3 || dim == 4;
}

// TensorFlow's own files don't say what their dimensions mean; pictures are channels-last unless only
// dimension 1 can be channels.
SlLayout LayoutOf(const Dims& dims) {
  if (dims.size() != 4) return SL_LAYOUT_PLAIN;
  return LooksLikeChannels(dims[1]) && !LooksLikeChannels(dims[3]) ? SL_LAYOUT_NCHW : SL_LAYOUT_NHWC;
}

kit::Result<kit::TensorInfo> Describe(TF_Graph* graph, TF_Output output, const std::string& name,
                                      const std::optional<Dims>& dims_known) {
  const std::optional<SlDataType> type = FromTensorFlow(TF_OperationOutputType(output));
  if (!type) return kit::Unsupported("tensor '", name, "' has a type that can't be fed or fetched here");
  const std::optional<Dims> dims = dims_known ? dims_known : InferredDims(graph, output);
  if (!dims || dims->size() > SL_MAX_RANK) {
    return kit::Unsupported(
        "tensor '", name, "' has no known number of dimensions (at most ", SL_MAX_RANK,
        "); give the shape of the input with --option input_shape=HxWxC, or of an output of a frozen "
        "graph with --option output=NAME:0=100x4");
  }
  return kit::TensorInfo{name, *type, SL_LAYOUT_PLAIN, kit::NamedDims(*dims)};
}

kit::Status AddFeed(Model& model, TF_Output feed, const std::string& name, const std::optional<Dims>& dims) {
  KIT_ASSIGN_OR_RETURN(kit::TensorInfo info, Describe(model.graph.get(), feed, name, dims));
  info.layout = LayoutOf(info.dims);
  model.feeds.push_back(feed);
  model.inputs.push_back(std::move(info));
  return kit::Ok();
}

// Whether an operation that `fetch` depends on makes as many elements as the data wants.
bool DependsOnData(TF_Output fetch, bool functions_size_by_data) {
  std::set<TF_Operation*> seen = {fetch.oper};
  std::vector<TF_Operation*> open = {fetch.oper};
  while (!open.empty()) {
    TF_Operation* operation = open.back();
    open.pop_back();
    const std::string_view type = TF_OperationOpType(operation);
    if (SizedByData(type)) return true;
    if (functions_size_by_data && type.find("Call") != std::string_view::npos) return true;
    for (int i = 0; i < TF_OperationNumInputs(operation); ++i) {
      TF_Operation* input = TF_OperationInput({operation, i}).oper;
      if (seen.insert(input).second) open.push_back(input);
    }
  }
  return false;
}

bool HasOpenBatch(const kit::TensorInfo& info) {
  return !info.dims.empty() && info.dims[0] == SL_DIM_BATCH;
}

// After the feeds. TensorFlow writes every unknown size as -1: in front it is the batch where the inputs have
// one and nothing on the way decides sizes by the data.
kit::Status AddFetch(Model& model, TF_Output fetch, const std::string& name, const std::optional<Dims>& dims,
                     const GraphFacts& facts) {
  KIT_ASSIGN_OR_RETURN(kit::TensorInfo info, Describe(model.graph.get(), fetch, name, dims));
  const bool batch = std::any_of(model.inputs.begin(), model.inputs.end(), HasOpenBatch) &&
                     !DependsOnData(fetch, facts.functions_size_by_data);
  if (HasOpenBatch(info) && !batch) info.dims[0] = SL_DIM_DYNAMIC;
  model.fetches.push_back(fetch);
  model.outputs.push_back(std::move(info));
  return kit::Ok();
}

// ---- Frozen graphs
// -------------------------------------------------------------------------------------------------

kit::Result<std::string> ReadFile(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return kit::NotFound("it can't be opened for reading");
  std::string bytes((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  if (file.bad()) return kit::InvalidArgument("it can't be read to its end");
  return bytes;
}

std::string TensorName(TF_Output output) {
  return kit::Text(TF_OperationName(output.oper), ':', output.index);
}

bool IsConsumed(TF_Operation* operation) {
  if (TF_OperationNumControlOutputs(operation) > 0) return true;
  for (int i = 0; i < TF_OperationNumOutputs(operation); ++i) {
    if (TF_OperationOutputNumConsumers({operation, i}) > 0) return true;
  }
  return false;
}

template <typename Keep>
std::vector<TF_Output> FirstOutputsWhere(TF_Graph* graph, Keep keep) {
  std::vector<TF_Output> found;
  size_t position = 0;
  for (TF_Operation* operation = TF_GraphNextOperation(graph, &position); operation != nullptr;
       operation = TF_GraphNextOperation(graph, &position)) {
    if (TF_OperationNumOutputs(operation) > 0 && keep(operation)) found.push_back({operation, 0});
  }
  return found;
}

bool IsPlaceholder(TF_Operation* operation) {
  return std::string_view(TF_OperationOpType(operation)) == "Placeholder";
}

bool IsResult(TF_Operation* operation) {
  const std::string_view type = TF_OperationOpType(operation);
  return type != "Placeholder" && type != "Const" && !IsConsumed(operation);
}

// The tensors of a comma-separated list, or those that `keep` chooses.
template <typename Keep>
kit::Result<std::vector<TF_Output>> Choose(TF_Graph* graph, std::string_view list, Keep keep,
                                           const char* what) {
  if (list.empty()) {
    std::vector<TF_Output> found = FirstOutputsWhere(graph, keep);
    if (found.empty()) return kit::InvalidArgument("it has no ", what);
    return found;
  }
  std::vector<TF_Output> chosen;
  while (!list.empty()) {
    const size_t comma = list.find(',');
    KIT_ASSIGN_OR_RETURN(const TF_Output tensor, FindTensor(graph, list.substr(0, comma)));
    chosen.push_back(tensor);
    list = comma == std::string_view::npos ? "" : list.substr(comma + 1);
  }
  return chosen;
}

// "224x224x3" behind an open batch; nothing where it is no such text.
std::optional<Dims> ReadDims(std::string_view text) {
  Dims dims = {SL_DIM_BATCH};
  const char* at = text.data();
  const char* const end = text.data() + text.size();
  bool right = !text.empty() && text.back() != 'x';
  while (right && at < end) {
    int64_t dim = 0;
    const auto [next, error] = std::from_chars(at, end, dim);
    right = error == std::errc() && dim > 0 && (next == end || *next == 'x');
    dims.push_back(dim);
    at = next == end ? end : next + 1;
  }
  if (right && dims.size() <= SL_MAX_RANK) return dims;
  return std::nullopt;
}

kit::Result<Dims> ReadInputShape(std::string_view text) {
  if (const auto dims = ReadDims(text)) return *dims;
  return kit::InvalidArgument("option input_shape is height x width x channels, like 224x224x3, not '", text,
                              "'");
}

// Option output: the tensors to fetch, and the shapes of those that are said to have one.
struct Fetches {
  std::string names;                        // "boxes:0,count:0"
  std::vector<std::optional<Dims>> shapes;  // one for each name
};

// "boxes:0=100x4,count:0=": what follows "=" is a shape behind the batch, nothing being the batch alone.
kit::Result<Fetches> ReadFetches(std::string_view list) {
  Fetches fetches;
  while (!list.empty()) {
    const std::string_view one = list.substr(0, list.find(','));
    list = one.size() == list.size() ? "" : list.substr(one.size() + 1);
    const size_t equals = one.find('=');
    fetches.names += (fetches.names.empty() ? "" : ",") + std::string(one.substr(0, equals));
    std::optional<Dims> shape;
    if (equals != std::string_view::npos) {
      const std::string_view text = one.substr(equals + 1);
      shape = text.empty() ? Dims{SL_DIM_BATCH} : ReadDims(text);
      if (!shape) {
        return kit::InvalidArgument("option output: the shape of ", one.substr(0, equals), " is '", text,
                                    "'; write what is behind the batch, like 100x4");
      }
    }
    fetches.shapes.push_back(shape);
  }
  return fetches;
}

// A graph being imported. With option input_shape its one input is replaced by a Placeholder of that shape,
// so that TensorFlow infers all shapes behind it.
class FrozenGraph {
 public:
  FrozenGraph(std::string_view bytes, const FileChoices& choices)
      : bytes_(bytes), choices_(choices), facts_(ReadGraphFacts(bytes)) {}

  kit::Result<OpenedModel> Open() {
    OpenedModel opened;
    opened.model.graph.reset(TF_NewGraph());
    opened.model.compute_types = facts_.compute_types;
    const ImportOptionsPtr options(TF_NewImportGraphDefOptions());
    if (!choices_.input_shape.empty()) {
      KIT_RETURN_IF_ERROR(ReplaceInput(opened.model.graph.get(), options.get()));
    }
    KIT_RETURN_IF_ERROR(Import(opened.model.graph.get(), options.get()));
    KIT_RETURN_IF_ERROR(AddFeeds(opened.model));
    KIT_ASSIGN_OR_RETURN(const Fetches wanted, ReadFetches(choices_.outputs));
    KIT_ASSIGN_OR_RETURN(const auto fetches,
                         Choose(opened.model.graph.get(), wanted.names, IsResult,
                                "result to fetch; name the output with --option output=NAME:0"));
    for (size_t i = 0; i < fetches.size(); ++i) {
      const std::optional<Dims> shape = wanted.shapes.empty() ? std::nullopt : wanted.shapes[i];
      KIT_RETURN_IF_ERROR(AddFetch(opened.model, fetches[i], TensorName(fetches[i]), shape, facts_));
    }
    return opened;
  }

 private:
  kit::Status Import(TF_Graph* graph, const TF_ImportGraphDefOptions* options) {
    const BufferPtr buffer(TF_NewBufferFromString(bytes_.data(), bytes_.size()));
    const StatusPtr status = NewStatus();
    TF_GraphImportGraphDef(graph, buffer.get(), options, status.get());
    return ExplainImport(FromTensorFlow(*status), bytes_);
  }

  kit::Status ReplaceInput(TF_Graph* graph, TF_ImportGraphDefOptions* options) {
    KIT_ASSIGN_OR_RETURN(const Dims dims, ReadInputShape(choices_.input_shape));
    const std::string name = choices_.inputs.substr(0, choices_.inputs.rfind(':'));
    std::vector<PlaceholderFacts> inputs = facts_.placeholders;
    std::erase_if(inputs, [&](const PlaceholderFacts& input) { return !name.empty() && input.name != name; });
    if (inputs.size() != 1) {
      return kit::InvalidArgument("option input_shape is for one Placeholder; name it with --option ",
                                  "input=NAME:0");
    }
    replaced_ = inputs[0].name;
    GraphBuilder builder(graph);
    builder.EnterLayer("sightline_shaped_input");
    replacement_ =
        builder.New("Placeholder").Type("dtype", KnownType(inputs[0].type)).Dims("shape", dims).Done();
    TF_ImportGraphDefOptionsAddInputMapping(options, replaced_.c_str(), 0, *replacement_);
    return builder.status();
  }

  kit::Status AddFeeds(Model& model) {
    if (replacement_) return AddFeed(model, *replacement_, replaced_ + ":0", std::nullopt);
    KIT_ASSIGN_OR_RETURN(const auto feeds,
                         Choose(model.graph.get(), choices_.inputs, IsPlaceholder,
                                "Placeholder to feed; name the input with --option input=NAME:0"));
    for (const TF_Output feed : feeds) {
      KIT_RETURN_IF_ERROR(AddFeed(model, feed, TensorName(feed), std::nullopt));
    }
    return kit::Ok();
  }

  std::string_view bytes_;
  const FileChoices& choices_;
  GraphFacts facts_;
  std::string replaced_;
  std::optional<TF_Output> replacement_;
};

kit::Result<OpenedModel> OpenFrozenGraph(const fs::path& path, const FileChoices& choices) {
  KIT_ASSIGN_OR_RETURN(const std::string bytes, ReadFile(path));
  return FrozenGraph(bytes, choices).Open();
}

// ---- SavedModel
// ----------------------------------------------------------------------------------------------------

kit::Result<OpenedModel> OpenSavedModel(const fs::path& path, const FileChoices& choices,
                                        const SessionSettings& settings) {
  if (!fs::exists(path / "saved_model.pb")) {
    return kit::InvalidArgument("this folder is not a SavedModel: it has no saved_model.pb");
  }
  KIT_ASSIGN_OR_RETURN(const SessionOptionsPtr options, MakeSessionOptions(settings));
  OpenedModel opened;
  opened.model.graph.reset(TF_NewGraph());
  TF_Graph* graph = opened.model.graph.get();
  const BufferPtr meta_graph(TF_NewBuffer());
  const StatusPtr status = NewStatus();
  const char* const tags[] = {"serve"};
  opened.session.reset(TF_LoadSessionFromSavedModel(options.get(), nullptr, path.c_str(), tags, 1, graph,
                                                    meta_graph.get(), status.get()));
  KIT_RETURN_IF_ERROR(FromTensorFlow(*status));
  const std::string_view meta(static_cast<const char*>(meta_graph->data), meta_graph->length);
  const GraphFacts facts = ReadGraphFacts(GraphDefOf(meta));
  opened.model.compute_types = facts.compute_types;
  KIT_ASSIGN_OR_RETURN(const Signature signature, ReadSignature(meta, choices.signature));
  for (const SignatureTensor& input : signature.inputs) {
    KIT_ASSIGN_OR_RETURN(const TF_Output feed, FindTensor(graph, input.tensor));
    KIT_RETURN_IF_ERROR(AddFeed(opened.model, feed, input.name, input.dims));
  }
  for (const SignatureTensor& output : signature.outputs) {
    KIT_ASSIGN_OR_RETURN(const TF_Output fetch, FindTensor(graph, output.tensor));
    KIT_RETURN_IF_ERROR(AddFetch(opened.model, fetch, output.name, output.dims, facts));
  }
  return opened;
}

}  // namespace

kit::Result<OpenedModel> OpenModelFile(const fs::path& path, const FileChoices& choices,
                                       const SessionSettings& settings) {
  std::error_code error;
  const fs::file_status status = fs::status(path, error);
  if (!fs::exists(status)) return kit::NotFound(path.string(), ": there is no such file or folder");
  kit::Result<OpenedModel> opened =
      fs::is_directory(status) ? OpenSavedModel(path, choices, settings) : OpenFrozenGraph(path, choices);
  if (!opened.ok()) return opened.status().WithContext(path.string());
  return opened;
}

}  // namespace sightline::tensorflow
