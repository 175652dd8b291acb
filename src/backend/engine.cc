// Engines and instances: what is asked for is held to what the backend says it can, then crosses the ABI.
#include <fmt/format.h>

#include <algorithm>
#include <system_error>

#include "src/backend/abi_values.h"
#include "src/backend/backend.h"
#include "src/backend/impl.h"
#include "src/base/text.h"

namespace sightline::backend {
namespace {

namespace fs = std::filesystem;

bool Takes(const BackendInfo& info, SlModelKind kind) {
  return (info.model_kinds & static_cast<uint32_t>(kind)) != 0;
}

Status CheckDevice(const BackendInfo& info, const std::string& device) {
  std::vector<std::string> ids;
  ids.reserve(info.devices.size());
  for (const BackendInfo::Device& candidate : info.devices) ids.push_back(candidate.id);
  if (std::find(ids.begin(), ids.end(), device) != ids.end()) return OkStatus();
  return Error(ErrorKind::kNotFound,
               fmt::format("backend {} has no device '{}' here; it has: {}", info.name, device, Join(ids)));
}

Status CheckPrecision(const BackendInfo& info, DataType precision) {
  if ((info.precisions & (1u << precision)) != 0) return OkStatus();
  std::vector<std::string> offered;
  for (int type = SL_F32; type <= SL_BOOL; ++type) {
    if ((info.precisions & (1u << type)) != 0)
      offered.emplace_back(DataTypeName(static_cast<DataType>(type)));
  }
  return Error(ErrorKind::kUnsupported, fmt::format("backend {} can't compute in {}; it offers: {}",
                                                    info.name, DataTypeName(precision), Join(offered)));
}

Status CheckOptions(const BackendInfo& info, const EngineOptions& options) {
  SIGHTLINE_RETURN_IF_ERROR(CheckDevice(info, options.device));
  SIGHTLINE_RETURN_IF_ERROR(CheckPrecision(info, options.precision));
  if (options.profile && (info.features & SL_FEATURE_PROFILE) == 0) {
    return Error(ErrorKind::kUnsupported, fmt::format("backend {} can't give times per layer", info.name));
  }
  return OkStatus();
}

// A format is a suffix (".pb"), or the name of a kind of folder ("saved_model").
bool Opens(const BackendInfo& info, const fs::path& file, bool is_folder) {
  return std::any_of(info.file_formats.begin(), info.file_formats.end(), [&](const std::string& format) {
    return format.starts_with('.') ? !is_folder && file.extension() == format : is_folder;
  });
}

Status CheckFile(const BackendInfo& info, const fs::path& file) {
  std::error_code error;
  const fs::file_status status = fs::status(file, error);
  if (!fs::exists(status))
    return Error(ErrorKind::kNotFound, fmt::format("model {} does not exist", file.string()));
  if (!Takes(info, SL_MODEL_FILE)) {
    return Error(
        ErrorKind::kUnsupported,
        fmt::format("backend {} opens no files of its own, so not {}; give it an ONNX file or a zoo network",
                    info.name, file.string()));
  }
  if (Opens(info, file, fs::is_directory(status))) return OkStatus();
  return Error(ErrorKind::kUnsupported, fmt::format("backend {} can't open {}; besides ONNX it opens: {}",
                                                    info.name, file.string(), Join(info.file_formats)));
}

// The declared rewrites that an engine gets: those called NAME:batch where its batch may be above 1.
std::vector<std::string> RewritesFor(const BackendInfo& info, int max_batch) {
  constexpr std::string_view kOfBatches = ":batch";
  std::vector<std::string> names;
  for (std::string name : info.rewrites) {
    const bool of_batches = name.ends_with(kOfBatches);
    if (of_batches && max_batch < 2) continue;
    if (of_batches) name.resize(name.size() - kOfBatches.size());
    names.push_back(std::move(name));
  }
  return names;
}

// The C view of a model, and what it points into.
class AbiModel {
 public:
  static Result<std::unique_ptr<AbiModel>> Make(const BackendInfo& info, const ModelSource& source,
                                                int max_batch) {
    std::unique_ptr<AbiModel> made(new AbiModel(source.name));
    SIGHTLINE_RETURN_IF_ERROR(source.network != nullptr ? made->SetNetwork(info, *source.network, max_batch)
                                                        : made->SetFile(info, source.file));
    return made;
  }
  AbiModel(const AbiModel&) = delete;
  AbiModel& operator=(const AbiModel&) = delete;

  const SlModel& c() const { return c_; }

 private:
  explicit AbiModel(std::string name) : name_(std::move(name)) {
    c_.struct_size = sizeof c_;
    c_.name = name_.c_str();
  }

  Status SetFile(const BackendInfo& info, const fs::path& file) {
    SIGHTLINE_RETURN_IF_ERROR(CheckFile(info, file));
    path_ = file.string();
    c_.kind = SL_MODEL_FILE;
    c_.path = path_.c_str();
    return OkStatus();
  }

  Status SetNetwork(const BackendInfo& info, const network::Network& network, int max_batch) {
    if (!Takes(info, SL_MODEL_GRAPH) && !Takes(info, SL_MODEL_ONNX)) {
      return Error(ErrorKind::kUnsupported, fmt::format("backend {} can't open ONNX networks; it opens: {}",
                                                        info.name, Join(info.file_formats)));
    }
    const network::Network* use = &network;
    const std::vector<std::string> rewrites = RewritesFor(info, max_batch);
    if (!rewrites.empty()) {
      SIGHTLINE_ASSIGN_OR_RETURN(rewritten_, network.WithRewrites(rewrites));
      use = &*rewritten_;
    }
    if (use->opset() > info.max_onnx_opset) {
      return Error(
          ErrorKind::kUnsupported,
          fmt::format("the network is written in ONNX opset {}; backend {} reads up to {}; export it again "
                      "with that opset",
                      use->opset(), info.name, info.max_onnx_opset));
    }
    c_.graph = &use->Graph();
    c_.kind = SL_MODEL_GRAPH;
    return Takes(info, SL_MODEL_GRAPH) ? OkStatus() : SetBytes(*use);
  }

  Status SetBytes(const network::Network& network) {
    SIGHTLINE_ASSIGN_OR_RETURN(onnx_, network.Serialize());
    c_.kind = SL_MODEL_ONNX;
    c_.onnx = onnx_.data();
    c_.onnx_bytes = onnx_.size();
    return OkStatus();
  }

  SlModel c_{};
  std::string name_;
  std::string path_;
  std::string onnx_;
  std::optional<network::Network> rewritten_;
};

SlEngineOptions ToAbi(const EngineOptions& options, const std::vector<SlKeyValue>& pairs) {
  SlEngineOptions c{};
  c.struct_size = sizeof c;
  c.device = options.device.c_str();
  c.precision = options.precision;
  c.intra_threads = options.intra_threads;
  c.inter_threads = options.inter_threads;
  c.max_batch = options.max_batch;
  c.instance_count = options.instance_count;
  c.profile = options.profile ? 1 : 0;
  c.options = pairs.data();
  c.option_count = static_cast<int32_t>(pairs.size());
  return c;
}

bool IsDynamic(const TensorInfo& info) {
  const auto* const end = info.shape.dims.begin() + info.shape.rank;
  return std::find(info.shape.dims.begin(), end, SL_DIM_DYNAMIC) != end;
}

}  // namespace

Result<std::shared_ptr<Engine>> Backend::CreateEngine(const ModelSource& model,
                                                      const EngineOptions& options) {
  const std::string context = fmt::format("backend {}, model '{}'", impl_->info.name, model.name);
  SIGHTLINE_RETURN_IF_ERROR(CheckOptions(impl_->info, options));
  const auto abi_model = AbiModel::Make(impl_->info, model, options.max_batch);
  if (!abi_model.ok()) return abi_model.error().WithContext(fmt::format("model '{}'", model.name));
  std::vector<SlKeyValue> pairs;
  for (const auto& [key, value] : options.options) pairs.push_back({key.c_str(), value.c_str()});
  const SlEngineOptions abi_options = ToAbi(options, pairs);
  SlEngine* handle = nullptr;
  SlError error{};
  const SlStatusCode code = impl_->table.engine_create(&(*abi_model)->c(), &abi_options, &handle, &error);
  if (code != SL_OK) return ToError(code, error, context);
  std::shared_ptr<Engine> engine(
      new Engine(std::make_unique<Engine::Impl>(shared_from_this(), impl_->table, handle, context)));
  auto info = ToEngineInfo(impl_->table.engine_info(handle));
  if (!info.ok()) return info.error().WithContext(context);
  engine->impl_->info = std::move(info).value();
  const auto& outputs = engine->info().outputs;
  engine->impl_->dynamic_outputs = std::any_of(outputs.begin(), outputs.end(), IsDynamic);
  return engine;
}

Engine::Engine(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Engine::~Engine() = default;
const EngineInfo& Engine::info() const {
  return impl_->info;
}

Result<std::unique_ptr<Instance>> Engine::CreateInstance() {
  SlInstance* handle = nullptr;
  SlError error{};
  const SlInstanceOptions options{sizeof options, impl_->instances_made++, nullptr, 0};
  const SlStatusCode code = impl_->table.instance_create(impl_->handle, &options, &handle, &error);
  if (code != SL_OK) return ToError(code, error, impl_->context);
  return std::unique_ptr<Instance>(
      new Instance(std::make_unique<Instance::Impl>(shared_from_this(), *impl_, handle)));
}

}  // namespace sightline::backend
