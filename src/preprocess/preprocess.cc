#include "src/preprocess/preprocess.h"

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include "src/preprocess/geometry.h"
#include "src/preprocess/rows.h"
#include "src/preprocess/taps.h"

namespace sightline::preprocess {
namespace {

constexpr size_t kMaxPlans = 64;
constexpr int kMaxSide = 1 << 14;  // of the input; keeps products of sides far from overflow

// What a picture of one size needs.
struct Plan {
  PictureSize picture;
  Geometry geometry;
  TapTable x;  // counted from `begin`
  TapTable y;
  int begin = 0;  // the columns of the picture that are read
  int end = 0;
};

void FillPlan(const PreprocessSpec& spec, PictureSize picture, Plan& plan) {
  plan.picture = picture;
  plan.geometry = ComputeGeometry(spec, picture);
  FillTaps(plan.geometry.x, spec.kernel, plan.x);
  FillTaps(plan.geometry.y, spec.kernel, plan.y);
  plan.begin = plan.x.first.front();
  plan.end = plan.x.first.back() + plan.x.taps;
  for (int& first : plan.x.first) first -= plan.begin;
}

Error BadSpec(const std::string& what) {
  return Error(ErrorKind::kInvalidArgument,
               "the description of the network's preprocessing is wrong: " + what);
}

Status CheckSpec(const PreprocessSpec& spec) {
  if (spec.width < 1 || spec.height < 1 || spec.width > kMaxSide || spec.height > kMaxSide) {
    return BadSpec("the input is " + std::to_string(spec.width) + "x" + std::to_string(spec.height) +
                   ", sides of 1 to " + std::to_string(kMaxSide) + " are possible");
  }
  const bool fraction_fits = spec.crop_fraction > 0 && spec.crop_fraction <= 1;
  if (!fraction_fits) {
    return BadSpec("the crop fraction is " + std::to_string(spec.crop_fraction) +
                   " instead of above 0 and at most 1");
  }
  const int larger = std::max(spec.width, spec.height);
  const bool shorter_used = spec.resize == ResizeMode::kShorterThenCrop;
  if (shorter_used && (spec.shorter_side < larger || spec.shorter_side > kMaxSide)) {
    return BadSpec("the shorter side is resized to " + std::to_string(spec.shorter_side) + ", from which " +
                   std::to_string(spec.width) + "x" + std::to_string(spec.height) + " can't be cropped");
  }
  const bool pad_value_fits = spec.pad_value >= 0 && spec.pad_value <= 255;
  if (!pad_value_fits) {
    return BadSpec("the padding value is " + std::to_string(spec.pad_value) + " instead of 0 to 255");
  }
  const auto finite = [](float value) { return std::isfinite(value); };
  if (!std::ranges::all_of(spec.mean, finite) || !std::ranges::all_of(spec.scale, finite)) {
    return BadSpec("mean and scale must be finite numbers");
  }
  return OkStatus();
}

}  // namespace

struct Preprocessor::Impl {
  PreprocessSpec spec;
  DataType type = SL_F32;
  Layout layout = SL_LAYOUT_NCHW;
  Shape shape;
  std::vector<Plan> plans;
  size_t next_plan = 0;          // which one gives way when there are kMaxPlans
  std::vector<float> blended;    // one row of the picture
  std::vector<float> resized;    // one row of the input
  std::vector<uint8_t> rounded;  // the same as bytes

  const Plan& PlanFor(PictureSize picture);
  ChannelMap MapFor(PixelOrder order) const;
  void FillRow(const ImageView& picture, const Plan& plan, int y);
  void StoreRow(int y, const ChannelMap& map, const TensorView& out);
  void StoreBytes(int y, const ChannelMap& map, uint8_t* out) const;
  Status Check(const ImageView& picture, const TensorView& out) const;
};

const Plan& Preprocessor::Impl::PlanFor(PictureSize picture) {
  const auto known = std::ranges::find(plans, picture, &Plan::picture);
  if (known != plans.end()) return *known;
  if (plans.size() < kMaxPlans) {
    FillPlan(spec, picture, plans.emplace_back());
    return plans.back();
  }
  Plan& plan = plans[next_plan];
  next_plan = (next_plan + 1) % kMaxPlans;
  FillPlan(spec, picture, plan);
  return plan;
}

ChannelMap Preprocessor::Impl::MapFor(PixelOrder order) const {
  if (order == spec.order) return {spec.mean, spec.scale, {0, 1, 2}};
  return {
      {spec.mean[2], spec.mean[1], spec.mean[0]}, {spec.scale[2], spec.scale[1], spec.scale[0]}, {2, 1, 0}};
}

// Row y of the input, as pixels in the picture's channel order, into `resized`.
void Preprocessor::Impl::FillRow(const ImageView& picture, const Plan& plan, int y) {
  const AxisGeometry& across = plan.geometry.x;
  const AxisGeometry& down = plan.geometry.y;
  const int row = y - down.target_begin;
  if (row < 0 || row >= down.target_size) {
    std::ranges::fill(resized, spec.pad_value);
    return;
  }
  const int width = (plan.end - plan.begin) * 3;
  const size_t taps = static_cast<size_t>(plan.y.taps);
  const uint8_t* rows = picture.data +
                        static_cast<size_t>(plan.y.first[static_cast<size_t>(row)]) * picture.stride_bytes +
                        static_cast<size_t>(plan.begin) * 3;
  Blend(rows, picture.stride_bytes, &plan.y.weights[static_cast<size_t>(row) * taps], plan.y.taps, width,
        blended.data());
  Resample(blended.data(), plan.x.first.data(), plan.x.weights.data(), plan.x.taps, across.target_size,
           resized.data() + int64_t{across.target_begin} * 3);
  std::fill_n(resized.begin(), int64_t{across.target_begin} * 3, spec.pad_value);
  std::fill(resized.begin() + int64_t{across.target_begin + across.target_size} * 3, resized.end(),
            spec.pad_value);
}

void Preprocessor::Impl::StoreRow(int y, const ChannelMap& map, const TensorView& out) {
  const auto row = static_cast<size_t>(y);
  const auto width = static_cast<size_t>(spec.width);
  const size_t plane = width * static_cast<size_t>(spec.height);
  if (type == SL_U8) {
    StoreBytes(y, map, static_cast<uint8_t*>(out.data));
  } else if (layout == SL_LAYOUT_NCHW) {
    StorePlanar(resized.data(), spec.width, map, plane, out.f32() + row * width);
  } else {
    StoreInterleaved(resized.data(), spec.width, map, out.f32() + row * width * 3);
  }
}

void Preprocessor::Impl::StoreBytes(int y, const ChannelMap& map, uint8_t* out) const {
  const auto width = static_cast<size_t>(spec.width);
  const size_t plane = width * static_cast<size_t>(spec.height);
  const bool planar = layout == SL_LAYOUT_NCHW;
  for (size_t c = 0; c < 3; ++c) {
    const auto to = static_cast<size_t>(map.to[c]);
    uint8_t* channel = planar ? out + to * plane + static_cast<size_t>(y) * width
                              : out + static_cast<size_t>(y) * width * 3 + to;
    const size_t step = planar ? 1 : 3;
    for (size_t x = 0; x < width; ++x) {
      channel[x * step] = static_cast<uint8_t>(std::clamp(resized[3 * x + c] + 0.5f, 0.0f, 255.0f));
    }
  }
}

Status Preprocessor::Impl::Check(const ImageView& picture, const TensorView& out) const {
  if (picture.data == nullptr || picture.width < 1 || picture.height < 1 ||
      picture.stride_bytes < static_cast<size_t>(picture.width) * 3) {
    return Error(ErrorKind::kInvalidArgument, "a picture of " + std::to_string(picture.width) + "x" +
                                                  std::to_string(picture.height) +
                                                  " pixels can't be preprocessed");
  }
  if (out.data == nullptr || out.type != type || out.layout != layout || !(out.shape == shape)) {
    return Error(ErrorKind::kInternal, "the tensor for a preprocessed picture is " + out.shape.ToString() +
                                           " " + std::string(DataTypeName(out.type)) + " " +
                                           std::string(LayoutName(out.layout)) + " instead of " +
                                           shape.ToString() + " " + std::string(DataTypeName(type)) + " " +
                                           std::string(LayoutName(layout)));
  }
  return OkStatus();
}

Result<Preprocessor> Preprocessor::Create(const PreprocessSpec& spec, DataType type, Layout layout) {
  SIGHTLINE_RETURN_IF_ERROR(CheckSpec(spec));
  if (type != SL_F32 && type != SL_U8) {
    return Error(ErrorKind::kUnsupported, "pictures can't be written as " + std::string(DataTypeName(type)) +
                                              "; fp32 and uint8 inputs are supported");
  }
  if (layout != SL_LAYOUT_NCHW && layout != SL_LAYOUT_NHWC) {
    return Error(ErrorKind::kUnsupported, "pictures can't be written in the layout " +
                                              std::string(LayoutName(layout)) +
                                              "; nchw and nhwc are supported");
  }
  auto impl = std::make_unique<Impl>();
  impl->spec = spec;
  impl->type = type;
  impl->layout = layout;
  impl->shape =
      layout == SL_LAYOUT_NCHW ? Shape{1, 3, spec.height, spec.width} : Shape{1, spec.height, spec.width, 3};
  impl->plans.reserve(kMaxPlans);
  impl->resized.resize(static_cast<size_t>(spec.width) * 3 + kRowSlack);
  return Preprocessor(std::move(impl));
}

Preprocessor::Preprocessor(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Preprocessor::Preprocessor(Preprocessor&& other) noexcept = default;
Preprocessor& Preprocessor::operator=(Preprocessor&& other) noexcept = default;
Preprocessor::~Preprocessor() = default;

Status Preprocessor::Run(const ImageView& picture, const TensorView& out) {
  SIGHTLINE_RETURN_IF_ERROR(impl_->Check(picture, out));
  const Plan& plan = impl_->PlanFor({picture.width, picture.height});
  const size_t row_floats = static_cast<size_t>(plan.end - plan.begin) * 3 + kRowSlack;
  if (impl_->blended.size() < row_floats) impl_->blended.resize(row_floats);
  const ChannelMap map = impl_->MapFor(picture.order);
  for (int y = 0; y < impl_->spec.height; ++y) {
    impl_->FillRow(picture, plan, y);
    impl_->StoreRow(y, map, out);
  }
  return OkStatus();
}

}  // namespace sightline::preprocess
