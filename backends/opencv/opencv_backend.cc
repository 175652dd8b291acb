// OpenCV's DNN module behind the backend ABI. A cv::dnn::Net runs on one thread at a time and shares no
// weights with another, so every instance has its own.
#include <sched.h>

#include <algorithm>
#include <cstring>
#include <functional>
#include <memory>
#include <mutex>
#include <opencv2/core.hpp>
#include <opencv2/core/utils/logger.hpp>
#include <opencv2/dnn.hpp>
#include <utility>

#include "backends/kit/graph.h"
#include "backends/kit/kit.h"
#include "backends/opencv/build_info.h"
#include "backends/opencv/model.h"
#include "backends/opencv/reader.h"

namespace sightline::opencv_backend {
namespace {

// cv::setNumThreads is one for the process. The first engine that names a number decides: changing it under a
// running engine would change what is being measured.
int DecideThreads(int asked) {
  static std::mutex mutex;
  static bool decided = false;
  const std::lock_guard lock(mutex);
  if (asked > 0 && !decided) {
    cv::setNumThreads(asked);
    decided = true;
  }
  return cv::getNumThreads();
}

// Threads of the process-wide pool that can run: it has no more than the cores this process may use, whatever
// was asked for. Instances side by side share them, so then no number is true of one of them.
int ThreadsOfOneInstance(int pool, int instance_count) {
  cpu_set_t cores;
  CPU_ZERO(&cores);
  const bool known = sched_getaffinity(0, sizeof cores, &cores) == 0;
  if (!known || instance_count > 1) return 0;
  return std::min(std::max(pool, 1), CPU_COUNT(&cores));
}

// Nets read ahead or given back by instances that are gone (a copied Net is another handle of the same net).
// Thread-safe.
class NetPool {
 public:
  using Reader = std::function<kit::Result<cv::dnn::Net>()>;

  // `first` has been read already; `read` makes more, up to `count` in all.
  NetPool(const cv::dnn::Net& first, int count, Reader read)
      : count_(count), made_(1), read_(std::move(read)) {
    idle_.push_back(first);
    ForgetReader();
  }

  kit::Result<cv::dnn::Net> Take() {
    const std::lock_guard lock(mutex_);
    if (!idle_.empty()) {
      cv::dnn::Net net = idle_.back();
      idle_.pop_back();
      return net;
    }
    if (made_ == count_) {
      return kit::InvalidArgument("this engine was made for ", count_,
                                  " instances and all of them exist; create it with a larger instance_count");
    }
    KIT_ASSIGN_OR_RETURN(cv::dnn::Net net, read_());
    idle_.reserve(static_cast<size_t>(++made_));  // so that GiveBack, called by destructors, can't fail
    ForgetReader();
    return net;
  }

  void GiveBack(const cv::dnn::Net& net) {
    const std::lock_guard lock(mutex_);
    idle_.push_back(net);
  }

 private:
  // The reader holds the model's bytes, which may be hundreds of megabytes.
  void ForgetReader() {
    if (made_ == count_) read_ = nullptr;
  }

  std::mutex mutex_;
  std::vector<cv::dnn::Net> idle_;
  int count_;
  int made_;
  Reader read_;
};

class OpenCvInstance final : public kit::Instance {
 public:
  OpenCvInstance(const cv::dnn::Net& net, const TensorNames& names, NetPool& pool)
      : net_(net), names_(names), output_names_(names.outputs.begin(), names.outputs.end()), pool_(pool) {}
  ~OpenCvInstance() override { pool_.GiveBack(net_); }
  OpenCvInstance(const OpenCvInstance&) = delete;
  OpenCvInstance& operator=(const OpenCvInstance&) = delete;

  kit::Status Run(kit::Inputs inputs, kit::Outputs outputs, kit::SpanRecorder& spans) override {
    try {
      {
        const kit::ScopedSpan span(spans, SL_SUB_STAGE_BIND);
        Bind(inputs);
      }
      {
        const kit::ScopedSpan span(spans, SL_SUB_STAGE_COMPUTE);
        net_.forward(blobs_, output_names_);
      }
      const kit::ScopedSpan span(spans, SL_SUB_STAGE_COLLECT);
      return Collect(outputs);
    } catch (const cv::Exception& exception) {
      return ExplainRun(FromException(exception, SL_INTERNAL), inputs[0].rank > 0 ? inputs[0].dims[0] : 1);
    }
  }

  kit::Status Profile(kit::Inputs inputs, kit::Outputs outputs, const kit::LayerSink& sink) override {
    kit::SpanRecorder nowhere(nullptr);
    KIT_RETURN_IF_ERROR(Run(inputs, outputs, nowhere));
    std::vector<double> ticks;  // of layer ids 1, 2, ...; a layer fused into another has none of its own
    net_.getPerfProfile(ticks);
    const double ns_per_tick = 1e9 / cv::getTickFrequency();
    const std::vector<cv::String> layers = net_.getLayerNames();  // in the order of ids, the input left out
    for (size_t i = 0; i < ticks.size() && i < layers.size(); ++i) {
      const auto layer = net_.getLayer(net_.getLayerId(layers[i]));
      sink({NodeName(layers[i]), layer->type, static_cast<int64_t>(ticks[i] * ns_per_tick), 0, 1});
    }
    return kit::Ok();
  }

 private:
  // What layers do to one picture OpenCV 4.6 can't always do to several; it finds out while it computes.
  static kit::Status ExplainRun(const kit::Status& status, int64_t batch) {
    if (batch < 2 || status.code() != SL_INTERNAL) return status;
    return kit::Unsupported(
        "OpenCV ", cv::getVersionString(), " fails at this network with ", batch,
        " pictures at once; run one at a time (-b 1), or another backend; it said: ", status.message());
  }

  // setInput copies the caller's tensor into the net's own blob; OpenCV 4 has no way around that.
  void Bind(kit::Inputs inputs) {
    for (size_t i = 0; i < inputs.size(); ++i) {
      const SlTensor& tensor = inputs[i];
      int sizes[SL_MAX_RANK];
      for (int d = 0; d < tensor.rank; ++d) sizes[d] = static_cast<int>(tensor.dims[d]);
      net_.setInput(cv::Mat(tensor.rank, sizes, CV_32F, tensor.data), names_.inputs[i]);
    }
  }

  kit::Status Collect(kit::Outputs outputs) const {
    for (size_t i = 0; i < outputs.size(); ++i) {
      const cv::Mat& blob = blobs_[i];
      size_t elements = 1;
      for (int d = 0; d < outputs[i].rank; ++d) elements *= static_cast<size_t>(outputs[i].dims[d]);
      if (blob.type() != CV_32F || !blob.isContinuous() || blob.total() != elements) {
        return kit::Internal("OpenCV gave output '", names_.outputs[i], "' with ", blob.total(),
                             " elements where the network's shape says ", elements, " of fp32");
      }
      std::memcpy(outputs[i].data, blob.data, elements * sizeof(float));
    }
    return kit::Ok();
  }

  cv::dnn::Net net_;
  const TensorNames& names_;  // of the engine
  std::vector<cv::String> output_names_;
  std::vector<cv::Mat> blobs_;  // views of the net's own memory, from run to run
  NetPool& pool_;               // of the engine
};

class OpenCvEngine final : public kit::Engine {
 public:
  OpenCvEngine(Description description, const cv::dnn::Net& first, int instance_count, NetPool::Reader read)
      : description_(std::move(description)), pool_(first, instance_count, std::move(read)) {}

  kit::EngineInfo Info() const override { return description_.info; }
  kit::Result<std::unique_ptr<kit::Instance>> CreateInstance(const kit::InstanceOptions&) override {
    KIT_ASSIGN_OR_RETURN(cv::dnn::Net net, pool_.Take());
    return std::unique_ptr<kit::Instance>(std::make_unique<OpenCvInstance>(net, description_.names, pool_));
  }

 private:
  Description description_;
  NetPool pool_;
};

// Reads the model again for another instance. Holds a copy of ONNX bytes, since the caller's live during the
// call only.
NetPool::Reader ReaderOf(const kit::Model& model, int instance_count) {
  if (model.kind == SL_MODEL_FILE) return [path = model.path] { return ReadFile(path); };
  if (instance_count == 1) return nullptr;
  return [bytes = std::vector<std::byte>(model.onnx.begin(), model.onnx.end())] { return ReadOnnx(bytes); };
}

kit::Result<Description> Describe(const kit::Model& model, const cv::dnn::Net& net,
                                  const kit::OptionValues& values) {
  if (model.kind == SL_MODEL_FILE) {
    const std::string& given = values.Word("input_shape");
    return DescribeNet(net, given.empty() ? InputShapeOf(model.path) : given);
  }
  if (model.graph != nullptr) return DescribeGraph(kit::GraphView(*model.graph));
  return kit::InvalidArgument(
      "the OpenCV backend needs the network's graph beside its ONNX bytes, for the shapes");
}

class OpenCvBackend final : public kit::Backend {
 public:
  OpenCvBackend() {
    cv::utils::logging::setLogLevel(cv::utils::logging::LOG_LEVEL_SILENT);
  }  // errors are returned

  kit::BackendInfo Info() const override {
    kit::BackendInfo info;
    info.name = "opencv";
    info.framework = "OpenCV DNN";
    info.framework_version = cv::getVersionString();
    info.framework_build = CondenseBuildInformation(cv::getBuildInformation());
    info.features =
        SL_FEATURE_DYNAMIC_BATCH | SL_FEATURE_PROFILE | SL_FEATURE_SPANS | SL_FEATURE_THREADS_PROCESS_WIDE;
    info.layouts = 1u << SL_LAYOUT_NCHW | 1u << SL_LAYOUT_PLAIN;
    info.model_kinds = SL_MODEL_ONNX | SL_MODEL_FILE;
    info.max_onnx_opset = 10;  // Clip of opset 11 and later is refused by OpenCV 4.6
    info.file_formats = FileFormats();
    info.rewrites = {"opset_10", "average_pool_include_pad", "min_max_to_clip", "gemm_transposed",
                     "factors_same_shape:batch"};  // a Mul of two shapes is right for one picture only
    info.options = {{"input_shape", {}, {}, "", "Shape of the input of a file that does not say it: CxHxW."}};
    return info;
  }

  kit::Result<std::unique_ptr<kit::Engine>> CreateEngine(const kit::Model& model,
                                                         const kit::EngineOptions& options) override {
    const int threads = DecideThreads(options.intra_threads);
    const int64_t begin_ns = kit::NowNs();
    KIT_ASSIGN_OR_RETURN(cv::dnn::Net net,
                         model.kind == SL_MODEL_FILE ? ReadFile(model.path) : ReadOnnx(model.onnx));
    KIT_ASSIGN_OR_RETURN(Description description, Describe(model, net, options.values));
    description.info.load_ns = kit::NowNs() - begin_ns;
    description.info.intra_threads = ThreadsOfOneInstance(threads, options.instance_count);
    description.info.inter_threads = 1;
    description.info.precision_note = "OpenCV's CPU target computes in fp32, whatever types the model names";
    return std::unique_ptr<kit::Engine>(std::make_unique<OpenCvEngine>(
        std::move(description), net, options.instance_count, ReaderOf(model, options.instance_count)));
  }
};

}  // namespace
}  // namespace sightline::opencv_backend

SIGHTLINE_KIT_BACKEND(sightline::opencv_backend::OpenCvBackend)
