#include "backends/tensorrt/sdk/builder.h"

#include <algorithm>
#include <cstring>
#include <memory>
#include <string>
#include <type_traits>
#include <utility>

#include "backends/tensorrt/profile_ranges.h"
#include "backends/tensorrt/sdk/cuda_api.h"
#include "backends/tensorrt/sdk/library.h"

namespace sightline::tensorrt {
namespace {

using nvinfer1::BuilderFlag;
using nvinfer1::OptProfileSelector;

nvinfer1::Dims ToDims(const std::vector<int64_t>& dims) {
  nvinfer1::Dims to{};
  to.nbDims = static_cast<int32_t>(dims.size());
  for (size_t i = 0; i < dims.size(); ++i)
    to.d[i] = static_cast<std::remove_reference_t<decltype(to.d[i])>>(dims[i]);
  return to;
}

// What of the machine a plan, and the timing of kernels, depend on.
kit::Result<Facts> MachineFacts(int gpu) {
  KIT_ASSIGN_OR_RETURN(const GpuFacts facts, FactsOfGpu(gpu));
  int driver = 0;
  int runtime = 0;
  static_cast<void>(Cuda().driver_version(&driver));
  static_cast<void>(Cuda().runtime_version(&runtime));
  return Facts{{"tensorrt", LibraryVersion().Text()},
               {"driver", CudaVersionText(driver)},
               {"cuda", CudaVersionText(runtime)},
               {"compute", kit::Text(facts.compute_major, '.', facts.compute_minor)},
               {"multiprocessors", kit::Text(facts.multiprocessors)},
               {"memory_bytes", kit::Text(facts.memory_bytes)}};
}

// Up to TensorRT 9 a network has an implicit batch unless it is told otherwise.
uint32_t NetworkFlags() {
#if NV_TENSORRT_MAJOR < 10
  return 1u << static_cast<uint32_t>(nvinfer1::NetworkDefinitionCreationFlag::kEXPLICIT_BATCH);
#else
  return 0;
#endif
}

// fp32 means fp32: no TF32, whose products are rounded to 10 bits of mantissa.
void SetFlags(const Choices& choices, nvinfer1::IBuilderConfig& config) {
  config.clearFlag(BuilderFlag::kTF32);
#if NV_TENSORRT_MAJOR < 11
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"  // from 10.12 on, while it still works
  if (choices.fp16) config.setFlag(BuilderFlag::kFP16);
  if (choices.int8) config.setFlag(BuilderFlag::kINT8);
#pragma GCC diagnostic pop
#endif
  config.setBuilderOptimizationLevel(choices.optimization);
  if (choices.workspace_mb > 0) {
    config.setMemoryPoolLimit(nvinfer1::MemoryPoolType::kWORKSPACE, static_cast<size_t>(choices.workspace_mb)
                                                                        << 20);
  }
  if (choices.profile) config.setProfilingVerbosity(nvinfer1::ProfilingVerbosity::kLAYER_NAMES_ONLY);
}

kit::Status AddProfile(const std::vector<InputRange>& ranges, nvinfer1::IBuilder& builder,
                       nvinfer1::IBuilderConfig& config) {
  if (ranges.empty()) return kit::Ok();
  nvinfer1::IOptimizationProfile* const profile = builder.createOptimizationProfile();  // the builder's
  for (const InputRange& range : ranges) {
    const char* const name = range.name.c_str();
    const bool set = profile->setDimensions(name, OptProfileSelector::kMIN, ToDims(range.smallest)) &&
                     profile->setDimensions(name, OptProfileSelector::kOPT, ToDims(range.best)) &&
                     profile->setDimensions(name, OptProfileSelector::kMAX, ToDims(range.largest));
    if (!set) return Failed("setting the range of batches");
  }
  return config.addOptimizationProfile(profile) >= 0 ? kit::Ok() : Failed("setting the range of batches");
}

kit::Status Parse(std::span<const std::byte> onnx, nvonnxparser::IParser& parser) {
  if (parser.parse(onnx.data(), onnx.size())) return kit::Ok();
  std::string why;
  bool unsupported = false;
  for (int i = 0; i < std::min(parser.getNbErrors(), 3); ++i) {
    const nvonnxparser::IParserError& error = *parser.getError(i);
    why += kit::Text(why.empty() ? "" : "; ", error.desc() == nullptr ? "" : error.desc());
    if (error.node() >= 0) why += kit::Text(" (node ", error.node(), ")");
    unsupported = unsupported || error.code() == nvonnxparser::ErrorCode::kUNSUPPORTED_NODE;
  }
  if (why.empty()) return Failed("reading the ONNX network");
  std::replace(why.begin(), why.end(), '\n', ' ');
  return {unsupported ? SL_UNSUPPORTED : SL_INVALID_ARGUMENT, "TensorRT can't read the ONNX network: " + why};
}

std::vector<std::byte> BytesOf(const nvinfer1::IHostMemory& memory) {
  const auto* const begin = static_cast<const std::byte*>(memory.data());
  return {begin, begin + memory.size()};
}

// Which kernel was fastest for which layer: another build on this machine needn't time them again.
class TimingCache {
 public:
  TimingCache(const EngineCache& cache, const Facts& machine, nvinfer1::IBuilderConfig& config)
      : cache_(cache), machine_(machine), config_(config) {
    if (!cache.on()) return;
    const std::vector<std::byte> stored = cache.Find("timing", machine).value_or(std::vector<std::byte>());
    timings_.reset(config.createTimingCache(stored.empty() ? nullptr : stored.data(), stored.size()));
    if (timings_ != nullptr) config.setTimingCache(*timings_, false);
  }

  // What the build has added is worth keeping, and not worth failing for.
  void Keep() {
    const nvinfer1::ITimingCache* const used = timings_ == nullptr ? nullptr : config_.getTimingCache();
    if (used == nullptr) return;
    const std::unique_ptr<nvinfer1::IHostMemory> bytes(used->serialize());
    if (bytes == nullptr) return;
    if (!cache_.Store("timing", machine_, BytesOf(*bytes)).ok()) return;
  }

 private:
  const EngineCache& cache_;
  const Facts& machine_;
  nvinfer1::IBuilderConfig& config_;
  std::unique_ptr<nvinfer1::ITimingCache> timings_;
};

kit::Result<std::vector<std::byte>> Build(std::span<const std::byte> onnx, const kit::EngineInfo& info,
                                          const Choices& choices, const EngineCache& cache,
                                          const Facts& machine) {
  KIT_ASSIGN_OR_RETURN(const std::vector<InputRange> ranges, RangesOf(info, choices.max_batch));
  const BuilderPtr builder = MakeBuilder();
  if (builder == nullptr) return Failed("starting TensorRT's builder");
  const std::unique_ptr<nvinfer1::INetworkDefinition> network(builder->createNetworkV2(NetworkFlags()));
  const std::unique_ptr<nvinfer1::IBuilderConfig> config(builder->createBuilderConfig());
  if (network == nullptr || config == nullptr) return Failed("starting TensorRT's builder");
  const ParserPtr parser = MakeParser(*network);
  if (parser == nullptr) return Failed("starting TensorRT's ONNX parser");
  KIT_RETURN_IF_ERROR(Parse(onnx, *parser));
  SetFlags(choices, *config);
  KIT_RETURN_IF_ERROR(AddProfile(ranges, *builder, *config));
  TimingCache timings(cache, machine, *config);
  const std::unique_ptr<nvinfer1::IHostMemory> plan(builder->buildSerializedNetwork(*network, *config));
  if (plan == nullptr) return Failed("building the engine");
  timings.Keep();
  return BytesOf(*plan);
}

}  // namespace

kit::Result<BuiltEngine> BuildOrFind(std::span<const std::byte> onnx, const kit::EngineInfo& info,
                                     const Choices& choices) {
  KIT_ASSIGN_OR_RETURN(const Facts machine, MachineFacts(choices.gpu));
  const EngineCache cache(choices.cache);
  Facts facts = FactsOf(choices, onnx);
  facts.insert(facts.end(), machine.begin(), machine.end());
  if (auto found = cache.Find("engine", facts)) return BuiltEngine{std::move(*found), true, 0};
  const int64_t begin_ns = kit::NowNs();
  KIT_ASSIGN_OR_RETURN(std::vector<std::byte> plan, Build(onnx, info, choices, cache, machine));
  const int64_t build_ns = kit::NowNs() - begin_ns;
  KIT_RETURN_IF_ERROR(cache.Store("engine", facts, plan));
  return BuiltEngine{std::move(plan), false, build_ns};
}

}  // namespace sightline::tensorrt
