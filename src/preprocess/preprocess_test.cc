#include "src/preprocess/preprocess.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <opencv2/imgproc.hpp>
#include <vector>

#include "src/base/random.h"

namespace sightline::preprocess {
namespace {

using testing::HasSubstr;

PreprocessSpec Spec(int width, int height, ResizeKernel kernel = ResizeKernel::kBilinear) {
  PreprocessSpec spec;
  spec.width = width;
  spec.height = height;
  spec.kernel = kernel;
  return spec;
}

Image RandomPicture(int width, int height, PixelOrder order = PixelOrder::kRgb) {
  Image image;
  image.Reset(width, height, order);
  SplitMix64 random(static_cast<uint64_t>(width * 1000 + height));
  std::generate_n(image.data(), static_cast<size_t>(width * height * 3),
                  [&] { return static_cast<uint8_t>(random.Next()); });
  return image;
}

// The picture of which Pillow's results below were made, the same in all channels.
Image GreyPicture() {
  Image image;
  image.Reset(13, 11, PixelOrder::kRgb);
  for (int y = 0; y < 11; ++y) {
    for (int x = 0; x < 13; ++x) {
      std::fill_n(image.data() + (y * 13 + x) * 3, 3,
                  static_cast<uint8_t>((x * 37 + y * 91 + x * y * 13) % 256));
    }
  }
  return image;
}

Shape ShapeOf(const PreprocessSpec& spec, Layout layout) {
  return layout == SL_LAYOUT_NCHW ? Shape{1, 3, spec.height, spec.width}
                                  : Shape{1, spec.height, spec.width, 3};
}

// Runs and returns the values as they lie in memory.
template <typename T>
std::vector<T> RunAs(DataType type, const PreprocessSpec& spec, const ImageView& picture, Layout layout) {
  auto preprocessor = Preprocessor::Create(spec, type, layout);
  EXPECT_TRUE(preprocessor.ok()) << preprocessor.error().message();
  const Tensor tensor(type, layout, ShapeOf(spec, layout));
  const Status status = preprocessor->Run(picture, tensor.view());
  EXPECT_TRUE(status.ok()) << status.error().message();
  const T* values = static_cast<const T*>(tensor.view().data);
  return {values, values + spec.width * spec.height * 3};
}

std::vector<float> Preprocessed(const PreprocessSpec& spec, const Image& picture,
                                Layout layout = SL_LAYOUT_NHWC) {
  return RunAs<float>(SL_F32, spec, picture.view(), layout);
}

// One row of pixels, grey.
Image Row(const std::vector<uint8_t>& values) {
  Image image;
  image.Reset(static_cast<int>(values.size()), 1, PixelOrder::kRgb);
  for (size_t i = 0; i < values.size(); ++i) std::fill_n(image.data() + 3 * i, 3, values[i]);
  return image;
}

std::vector<float> FirstChannel(const std::vector<float>& interleaved) {
  std::vector<float> values;
  for (size_t i = 0; i < interleaved.size(); i += 3) values.push_back(interleaved[i]);
  return values;
}

TEST(Preprocess, CopiesAPictureOfTheRightSize) {
  const Image picture = RandomPicture(7, 5);
  for (const ResizeKernel kernel :
       {ResizeKernel::kBilinear, ResizeKernel::kBilinearTf1, ResizeKernel::kBilinearAntialias}) {
    const std::vector<float> values = Preprocessed(Spec(7, 5, kernel), picture);
    for (size_t i = 0; i < values.size(); ++i)
      ASSERT_EQ(values[i], static_cast<float>(picture.view().data[i]));
  }
}

TEST(Preprocess, BilinearAgreesWithHandComputedValues) {
  EXPECT_THAT(FirstChannel(Preprocessed(Spec(2, 1), Row({10, 20, 40, 80}))), testing::ElementsAre(15, 60));
  EXPECT_THAT(FirstChannel(Preprocessed(Spec(4, 1), Row({0, 100}))), testing::ElementsAre(0, 25, 75, 100));
}

TEST(Preprocess, BilinearTf1AgreesWithHandComputedValues) {
  const PreprocessSpec shrink = Spec(2, 1, ResizeKernel::kBilinearTf1);
  EXPECT_THAT(FirstChannel(Preprocessed(shrink, Row({10, 20, 40}))), testing::ElementsAre(10, 30));
  const PreprocessSpec enlarge = Spec(4, 1, ResizeKernel::kBilinearTf1);
  EXPECT_THAT(FirstChannel(Preprocessed(enlarge, Row({0, 100}))), testing::ElementsAre(0, 50, 100, 100));
}

// Against cv::resize of the float picture, which does not round values either, but keeps positions as floats:
// half a unit in the last place of the largest position, times the largest step between neighbours, is what
// that may cost.
TEST(Preprocess, BilinearAgreesWithOpenCv) {
  for (const auto [width, height] :
       {PictureSize{768, 576}, {101, 333}, {50, 30}, {1, 9}, {224, 224}, {3, 1}}) {
    const Image picture = RandomPicture(width, height);
    cv::Mat source;
    cv::Mat(height, width, CV_8UC3, const_cast<uint8_t*>(picture.view().data)).convertTo(source, CV_32F);
    cv::Mat expected;
    cv::resize(source, expected, {224, 160}, 0, 0, cv::INTER_LINEAR);
    const std::vector<float> values = Preprocessed(Spec(224, 160), picture);
    float largest = 0;
    for (size_t i = 0; i < values.size(); ++i) {
      largest = std::max(largest, std::abs(values[i] - expected.ptr<float>()[i]));
    }
    const float rounded_positions = 255 * static_cast<float>(std::max(width, height)) * 0x1p-24f;
    EXPECT_LT(largest, 1e-3f + rounded_positions) << width << "x" << height;
  }
}

// Expected values: Pillow 13.0, Image.fromarray(picture, "F").resize((width, height), Image.BILINEAR).
TEST(Preprocess, AntialiasAgreesWithPillow) {
  const std::vector<float> shrunk = {117.67654f, 139.64871f, 135.38519f, 115.49158f, 127.96790f,
                                     123.56333f, 144.41919f, 131.68048f, 136.39999f, 114.70556f,
                                     135.05890f, 152.36868f, 146.31952f, 148.80000f, 133.89000f,
                                     139.68149f, 112.89226f, 122.77142f, 114.84512f, 142.38765f};
  EXPECT_THAT(FirstChannel(Preprocessed(Spec(5, 4, ResizeKernel::kBilinearAntialias), GreyPicture())),
              testing::Pointwise(testing::FloatNear(2e-4f), shrunk));
  const std::vector<float> wider = {
      84.97143f,  112.77928f, 139.86072f, 120.86214f, 139.16643f, 168.44214f, 130.42642f, 128.06786f,
      150.76071f, 146.02501f, 131.78072f, 108.02786f, 129.98929f, 139.69928f, 130.20929f, 99.69071f,
      86.17786f,  109.96786f, 145.27785f, 173.08571f, 117.82927f, 127.72318f, 133.45732f, 106.41098f,
      135.09146f, 183.44025f, 156.39391f, 145.73781f, 146.47684f, 131.60609f, 130.94025f, 144.47926f,
      150.21341f, 148.76707f, 137.95488f, 145.09390f, 136.31097f, 93.03049f,  115.31097f, 143.00000f,
      122.85714f, 136.36072f, 152.09644f, 156.31213f, 138.76785f, 111.89786f, 101.85072f, 116.48929f,
      147.58501f, 137.53786f, 132.24500f, 131.70644f, 108.31071f, 114.17214f, 161.17644f, 115.65500f,
      105.79071f, 186.07500f, 154.99928f, 112.91428f};
  EXPECT_THAT(FirstChannel(Preprocessed(Spec(20, 3, ResizeKernel::kBilinearAntialias), GreyPicture())),
              testing::Pointwise(testing::FloatNear(2e-4f), wider));
}

TEST(Preprocess, CropsBeforeItStretches) {
  // Of 8 pixels int((8 - 4) / 2) = 2 go on each side.
  PreprocessSpec spec = Spec(4, 1);
  spec.resize = ResizeMode::kCropThenStretch;
  spec.crop_fraction = 0.5;
  EXPECT_THAT(FirstChannel(Preprocessed(spec, Row({1, 2, 3, 4, 5, 6, 7, 8}))),
              testing::ElementsAre(3, 4, 5, 6));
  // Pixels outside the crop have no part in it, even at its edge.
  spec.width = 8;
  EXPECT_THAT(FirstChannel(Preprocessed(spec, Row({200, 200, 0, 0, 0, 0, 200, 200}))), testing::Each(0));
}

TEST(Preprocess, ResizesTheShorterSideThenCrops) {
  // 9 x 3 is resized to 9 x 3, of which the columns from 3 are taken.
  PreprocessSpec spec = Spec(3, 3);
  spec.resize = ResizeMode::kShorterThenCrop;
  spec.shorter_side = 3;
  const Image picture = RandomPicture(9, 3);
  const std::vector<float> values = Preprocessed(spec, picture);
  for (size_t y = 0; y < 3; ++y) {
    for (size_t i = 0; i < 9; ++i) {
      ASSERT_EQ(values[y * 9 + i], static_cast<float>(picture.view().data[y * 27 + 9 + i]));
    }
  }
}

TEST(Preprocess, PadsALetterboxOnAllSidesThatNeedIt) {
  PreprocessSpec spec = Spec(4, 4);
  spec.resize = ResizeMode::kLetterbox;
  spec.pad_value = 128;
  spec.mean = {28, 28, 28};
  spec.scale = {0.5f, 0.5f, 0.5f};
  Image wide;
  wide.Reset(8, 4, PixelOrder::kRgb);
  std::fill_n(wide.data(), 8 * 4 * 3, uint8_t{48});
  const std::vector<float> rows = FirstChannel(Preprocessed(spec, wide));
  EXPECT_THAT(rows, testing::ElementsAre(50, 50, 50, 50, 10, 10, 10, 10, 10, 10, 10, 10, 50, 50, 50, 50));
  Image tall;
  tall.Reset(4, 8, PixelOrder::kRgb);
  std::fill_n(tall.data(), 8 * 4 * 3, uint8_t{48});
  const std::vector<float> columns = FirstChannel(Preprocessed(spec, tall));
  EXPECT_THAT(columns, testing::ElementsAre(50, 10, 10, 50, 50, 10, 10, 50, 50, 10, 10, 50, 50, 10, 10, 50));
}

TEST(Preprocess, SubtractsTheMeanThenScalesPerChannelOfTheNetwork) {
  PreprocessSpec spec = Spec(1, 1);
  spec.mean = {100, 50, 10};
  spec.scale = {0.5f, 0.1f, 2};
  Image picture;
  picture.Reset(1, 1, PixelOrder::kRgb);
  std::ranges::copy(std::array<uint8_t, 3>{200, 150, 30}, picture.data());
  EXPECT_THAT(Preprocessed(spec, picture), testing::ElementsAre(50, 10, 40));
  spec.order = PixelOrder::kBgr;  // mean and scale are in the network's order: blue first
  EXPECT_THAT(Preprocessed(spec, picture), testing::ElementsAre(-35, 10, 380));
}

TEST(Preprocess, GivesTheSameForEitherOrderOfThePicture) {
  PreprocessSpec spec = Spec(5, 6);
  spec.mean = {1, 2, 3};
  spec.scale = {4, 5, 6};
  const Image rgb = RandomPicture(9, 8);
  Image bgr;
  bgr.Reset(9, 8, PixelOrder::kBgr);
  for (size_t i = 0; i < 9 * 8 * 3; i += 3) {
    std::reverse_copy(rgb.view().data + i, rgb.view().data + i + 3, bgr.data() + i);
  }
  for (const Layout layout : {SL_LAYOUT_NCHW, SL_LAYOUT_NHWC}) {
    EXPECT_EQ(Preprocessed(spec, rgb, layout), Preprocessed(spec, bgr, layout));
  }
}

TEST(Preprocess, GivesTheSameValuesInEitherLayout) {
  PreprocessSpec spec = Spec(31, 17, ResizeKernel::kBilinearAntialias);
  spec.order = PixelOrder::kBgr;
  spec.mean = {1, 2, 3};
  spec.scale = {4, 5, 6};
  const Image picture = RandomPicture(80, 60);
  const std::vector<float> planar = Preprocessed(spec, picture, SL_LAYOUT_NCHW);
  const std::vector<float> interleaved = Preprocessed(spec, picture, SL_LAYOUT_NHWC);
  for (size_t i = 0; i < 31 * 17; ++i) {
    for (size_t c = 0; c < 3; ++c) ASSERT_EQ(planar[c * 31 * 17 + i], interleaved[3 * i + c]);
  }
}

TEST(Preprocess, WritesRoundedPixelsWhereBytesAreWanted) {
  PreprocessSpec spec = Spec(13, 9);
  spec.mean = {1000, 1000, 1000};  // left out for bytes
  spec.order = PixelOrder::kBgr;
  const Image picture = RandomPicture(40, 30);
  PreprocessSpec plain = spec;
  plain.mean = {0, 0, 0};
  for (const Layout layout : {SL_LAYOUT_NCHW, SL_LAYOUT_NHWC}) {
    const std::vector<float> exact = Preprocessed(plain, picture, layout);
    const auto bytes = RunAs<uint8_t>(SL_U8, spec, picture.view(), layout);
    for (size_t i = 0; i < exact.size(); ++i) ASSERT_NEAR(bytes[i], exact[i], 0.5001f);
  }
}

TEST(Preprocess, HonoursTheStride) {
  const Image large = RandomPicture(20, 10);
  const ImageView part = {large.view().data, 8, 10, large.stride_bytes(), PixelOrder::kRgb};
  const auto values = RunAs<float>(SL_F32, Spec(8, 10), part, SL_LAYOUT_NHWC);
  EXPECT_EQ(values[24], static_cast<float>(large.view().data[60]));
}

TEST(Preprocess, TakesAPictureOfOnePixelInEveryMode) {
  for (const ResizeMode mode :
       {ResizeMode::kStretch, ResizeMode::kCropThenStretch, ResizeMode::kShorterThenCrop,
        ResizeMode::kCropKeepAspect, ResizeMode::kLetterbox}) {
    PreprocessSpec spec = Spec(6, 6, ResizeKernel::kBilinearAntialias);
    spec.resize = mode;
    spec.crop_fraction = 0.5;
    spec.shorter_side = 8;
    EXPECT_THAT(Preprocessed(spec, Row({77})), testing::Each(77));
  }
}

TEST(Preprocess, RemembersMoreSizesThanItKeeps) {
  auto preprocessor = Preprocessor::Create(Spec(16, 16), SL_F32, SL_LAYOUT_NHWC);
  ASSERT_TRUE(preprocessor.ok());
  const Tensor tensor(SL_F32, SL_LAYOUT_NHWC, {1, 16, 16, 3});
  for (int round = 0; round < 2; ++round) {
    for (int side = 1; side <= 100; ++side) {
      const Image picture = RandomPicture(side, 101 - side);
      ASSERT_TRUE(preprocessor->Run(picture.view(), tensor.view()).ok());
      const float* values = tensor.view().f32();
      ASSERT_EQ(std::vector<float>(values, values + 16 * 16 * 3), Preprocessed(Spec(16, 16), picture))
          << side;
    }
  }
}

TEST(Preprocess, RefusesAnEmptyPicture) {
  auto preprocessor = Preprocessor::Create(Spec(4, 4), SL_F32, SL_LAYOUT_NHWC);
  ASSERT_TRUE(preprocessor.ok());
  const Tensor tensor(SL_F32, SL_LAYOUT_NHWC, {1, 4, 4, 3});
  const Status status = preprocessor->Run(Image().view(), tensor.view());
  ASSERT_FALSE(status.ok());
  EXPECT_THAT(status.error().message(), HasSubstr("a picture of 0x0 pixels can't be preprocessed"));
}

TEST(Preprocess, RefusesATensorItWasNotMadeFor) {
  auto preprocessor = Preprocessor::Create(Spec(4, 5), SL_F32, SL_LAYOUT_NCHW);
  ASSERT_TRUE(preprocessor.ok());
  const Image picture = RandomPicture(4, 4);
  for (const Tensor& wrong :
       {Tensor(SL_F32, SL_LAYOUT_NCHW, {1, 3, 4, 5}), Tensor(SL_F32, SL_LAYOUT_NCHW, {2, 3, 5, 4}),
        Tensor(SL_F32, SL_LAYOUT_NHWC, {1, 3, 5, 4}), Tensor(SL_U8, SL_LAYOUT_NCHW, {1, 3, 5, 4})}) {
    const Status status = preprocessor->Run(picture.view(), wrong.view());
    ASSERT_FALSE(status.ok());
    EXPECT_THAT(status.error().message(), HasSubstr("instead of 1x3x5x4 fp32 nchw"));
  }
}

std::string ErrorOf(const PreprocessSpec& spec, DataType type = SL_F32, Layout layout = SL_LAYOUT_NCHW) {
  const auto preprocessor = Preprocessor::Create(spec, type, layout);
  return preprocessor.ok() ? std::string() : preprocessor.error().message();
}

TEST(Preprocess, RefusesASpecThatContradictsItself) {
  EXPECT_THAT(ErrorOf(Spec(0, 224)), HasSubstr("the input is 0x224, sides of 1 to 16384 are possible"));
  PreprocessSpec spec = Spec(224, 224);
  spec.crop_fraction = 0;
  EXPECT_THAT(ErrorOf(spec), HasSubstr("the crop fraction is 0.000000"));
  spec = Spec(224, 224);
  spec.resize = ResizeMode::kShorterThenCrop;
  spec.shorter_side = 200;
  EXPECT_THAT(ErrorOf(spec), HasSubstr("resized to 200, from which 224x224 can't be cropped"));
  spec = Spec(224, 224);
  spec.pad_value = 256;
  EXPECT_THAT(ErrorOf(spec), HasSubstr("the padding value is 256"));
  spec = Spec(224, 224);
  spec.scale[1] = std::numeric_limits<float>::infinity();
  EXPECT_THAT(ErrorOf(spec), HasSubstr("mean and scale must be finite"));
}

TEST(Preprocess, RefusesTypesAndLayoutsItCantWrite) {
  EXPECT_THAT(ErrorOf(Spec(4, 4), SL_F16),
              HasSubstr("can't be written as fp16; fp32 and uint8 inputs are supported"));
  EXPECT_THAT(ErrorOf(Spec(4, 4), SL_F32, SL_LAYOUT_PLAIN),
              HasSubstr("can't be written in the layout plain"));
}

TEST(SmallestUsefulPicture, IsJustLargeEnoughNotToBeEnlarged) {
  PreprocessSpec spec = Spec(224, 160);
  EXPECT_EQ(SmallestUsefulPicture(spec), (PictureSize{224, 160}));
  spec.resize = ResizeMode::kShorterThenCrop;
  spec.shorter_side = 256;
  EXPECT_EQ(SmallestUsefulPicture(spec), (PictureSize{256, 256}));
  spec.resize = ResizeMode::kCropThenStretch;
  spec.crop_fraction = 0.875;
  EXPECT_EQ(SmallestUsefulPicture(spec), (PictureSize{258, 184}));
  spec.resize = ResizeMode::kCropKeepAspect;
  EXPECT_EQ(SmallestUsefulPicture(spec), (PictureSize{258, 258}));
}

TEST(Describe, SaysEverythingInWords) {
  PreprocessSpec spec = Spec(224, 224, ResizeKernel::kBilinearTf1);
  EXPECT_EQ(Describe(spec), "stretch to 224x224 (bilinear as TensorFlow 1), RGB");
  spec.resize = ResizeMode::kCropThenStretch;
  spec.crop_fraction = 0.875;
  spec.mean = {127.5f, 127.5f, 127.5f};
  spec.scale = {1 / 127.5f, 1 / 127.5f, 1 / 127.5f};
  EXPECT_EQ(Describe(spec),
            "crop 87.5 % of each side, stretch to 224x224 (bilinear as TensorFlow 1), RGB, minus 127.5, "
            "times 0.00784314");
  spec = Spec(224, 224, ResizeKernel::kBilinearAntialias);
  spec.resize = ResizeMode::kShorterThenCrop;
  spec.shorter_side = 256;
  spec.order = PixelOrder::kBgr;
  spec.mean = {104, 117, 123};
  EXPECT_EQ(Describe(spec),
            "shorter side to 256, crop 224x224 (bilinear with antialias), BGR, minus (104, 117, 123)");
  spec.resize = ResizeMode::kLetterbox;
  spec.kernel = ResizeKernel::kBilinear;
  spec.pad_value = 127.5f;
  EXPECT_EQ(Describe(spec), "fit into 224x224, pad with 127.5 (bilinear), BGR, minus (104, 117, 123)");
  spec.resize = ResizeMode::kCropKeepAspect;
  EXPECT_THAT(Describe(spec),
              testing::StartsWith("crop a square of 100 % of the shorter side, resize to 224x224"));
}

}  // namespace
}  // namespace sightline::preprocess
