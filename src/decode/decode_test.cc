#include "src/decode/decode.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <turbojpeg.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <opencv2/imgcodecs.hpp>
#include <string>
#include <vector>

namespace sightline::decode {
namespace {

using testing::AllOf;
using testing::HasSubstr;

using Bytes = std::vector<uint8_t>;

constexpr char kAstronaut[] = "tests/data/pictures/astronaut.jpg";

Bytes ReadPicture(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return Bytes{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

// A smooth picture, so that lossy formats change it little; channel c of pixel (x, y) is what Expected says.
int Expected(int x, int y, int c) {
  return c == 0 ? x * 3 : c == 1 ? y * 4 : 200 - x - y;
}

cv::Mat SmoothBgr(int width, int height) {
  cv::Mat picture(height, width, CV_8UC3);
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < width; ++x) {
      for (int c = 0; c < 3; ++c)
        picture.at<cv::Vec3b>(y, x)[2 - c] = static_cast<uint8_t>(Expected(x, y, c));
    }
  }
  return picture;
}

Bytes Encode(const std::string& suffix, const cv::Mat& picture, const std::vector<int>& parameters = {}) {
  Bytes bytes;
  EXPECT_TRUE(cv::imencode(suffix, picture, bytes, parameters));
  return bytes;
}

// The largest difference of any channel from what Expected says.
int LargestDifference(const Image& image) {
  const ImageView view = image.view();
  int largest = 0;
  for (int y = 0; y < view.height; ++y) {
    for (int x = 0; x < view.width; ++x) {
      for (int c = 0; c < 3; ++c) {
        const int channel = view.order == PixelOrder::kRgb ? c : 2 - c;
        const uint8_t* pixel =
            view.data + static_cast<size_t>(y) * view.stride_bytes + static_cast<size_t>(x) * 3;
        largest = std::max(largest, std::abs(pixel[channel] - Expected(x, y, c)));
      }
    }
  }
  return largest;
}

Status DecodeWith(const DecodeOptions& options, const Bytes& bytes, Image& image) {
  auto decoder = Decoder::Create(options);
  if (!decoder.ok()) return decoder.error();
  return decoder->Decode(bytes, "some/picture", image);
}

// The message of the error that decoding `bytes` yields; "" if it yields none.
std::string ErrorOf(const Bytes& bytes, const DecodeOptions& options = {}) {
  Image image;
  const Status status = DecodeWith(options, bytes, image);
  return status.ok() ? std::string() : status.error().message();
}

struct FormatCase {
  std::string suffix;
  int tolerance;
};

class EveryFormat : public testing::TestWithParam<FormatCase> {};

TEST_P(EveryFormat, GivesThePixelsThatWereEncoded) {
  Image image;
  const Bytes bytes = Encode(GetParam().suffix, SmoothBgr(60, 50));
  const Status status = DecodeWith({}, bytes, image);
  ASSERT_TRUE(status.ok()) << status.error().message();
  EXPECT_EQ(image.width(), 60);
  EXPECT_EQ(image.height(), 50);
  EXPECT_LE(LargestDifference(image), GetParam().tolerance);
}

TEST_P(EveryFormat, RefusesByItsHeaderWhatIsTooLarge) {
  const Bytes bytes = Encode(GetParam().suffix, SmoothBgr(60, 50));
  EXPECT_EQ(ErrorOf(bytes, {.max_pixels = 3000}), "");
  EXPECT_EQ(
      ErrorOf(bytes, {.max_pixels = 2999}),
      "some/picture is 60 x 50 pixels by its header, and pictures of more than 2999 pixels are not decoded; "
      "make it smaller or leave it out");
}

TEST_P(EveryFormat, ReportsATruncatedFileWhereverItIsCut) {
  const Bytes whole = Encode(GetParam().suffix, SmoothBgr(60, 50));
  for (size_t size = 30; size + 10 < whole.size(); size += 7) {
    Image image;
    const Status status =
        DecodeWith({}, Bytes(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size)), image);
    ASSERT_FALSE(status.ok()) << size << " of " << whole.size();
    EXPECT_THAT(status.error().message(), AllOf(HasSubstr("some/picture"), HasSubstr("broken")));
  }
}

INSTANTIATE_TEST_SUITE_P(Formats, EveryFormat,
                         testing::Values(FormatCase{".jpg", 8}, FormatCase{".png", 0}, FormatCase{".bmp", 0},
                                         FormatCase{".webp", 12}),
                         [](const auto& format) { return format.param.suffix.substr(1); });

TEST(Decode, ReadsTheCommittedPhotographs) {
  auto decoder = Decoder::Create();
  ASSERT_TRUE(decoder.ok());
  Image image;
  for (const auto& [name, size] : {std::pair<std::string, PictureSize>{"astronaut.jpg", {320, 320}},
                                   {"coffee.jpg", {450, 300}},
                                   {"rocket.jpeg", {320, 214}},
                                   {"chelsea.png", {180, 120}}}) {
    const Status status = decoder->Decode(ReadPicture("tests/data/pictures/" + name), name, image);
    ASSERT_TRUE(status.ok()) << status.error().message();
    EXPECT_EQ((PictureSize{image.width(), image.height()}), size) << name;
  }
}

TEST(Decode, KeepsItsMemoryFromPictureToPicture) {
  auto decoder = Decoder::Create();
  ASSERT_TRUE(decoder.ok());
  Image image;
  ASSERT_TRUE(decoder->Decode(Encode(".png", SmoothBgr(60, 50)), "large", image).ok());
  const uint8_t* memory = image.data();
  ASSERT_TRUE(decoder->Decode(Encode(".jpg", SmoothBgr(20, 30)), "small", image).ok());
  EXPECT_EQ(image.data(), memory);
  EXPECT_EQ(image.width(), 20);
}

TEST(DecodeJpeg, ScalesToTheSmallestSizeThatIsLargeEnough) {
  const Bytes bytes = ReadPicture("tests/data/pictures/coffee.jpg");  // 450 x 300
  const auto scaled = [&](PictureSize needed) {
    Image image;
    EXPECT_TRUE(DecodeWith({.jpeg_scale_to = needed}, bytes, image).ok());
    return PictureSize{image.width(), image.height()};
  };
  EXPECT_EQ(scaled({1, 1}), (PictureSize{57, 38}));        // 1/8, rounded up
  EXPECT_EQ(scaled({225, 150}), (PictureSize{225, 150}));  // 4/8 is exactly enough
  EXPECT_EQ(scaled({100, 151}), (PictureSize{282, 188}));  // 5/8: the height decides
  EXPECT_EQ(scaled({450, 300}), (PictureSize{450, 300}));
  EXPECT_EQ(scaled({1000, 10}), (PictureSize{450, 300}));  // never larger than it is
}

TEST(DecodeJpeg, GivesThreeChannelsForGrey) {
  Image image;
  ASSERT_TRUE(DecodeWith({}, Encode(".jpg", cv::Mat(8, 8, CV_8UC1, cv::Scalar(90))), image).ok());
  EXPECT_NEAR(image.data()[0], 90, 1);
  EXPECT_EQ(image.data()[0], image.data()[1]);
  EXPECT_EQ(image.data()[0], image.data()[2]);
}

// 16 x 16 pixels of one CMYK value, as Adobe writes it.
Bytes CmykJpeg(std::array<uint8_t, 4> value) {
  Bytes pixels;
  for (int i = 0; i < 256; ++i) pixels.insert(pixels.end(), value.begin(), value.end());
  const tjhandle compressor = tjInitCompress();
  unsigned char* jpeg = nullptr;
  unsigned long bytes = 0;
  EXPECT_EQ(tjCompress2(compressor, pixels.data(), 16, 0, 16, TJPF_CMYK, &jpeg, &bytes, TJSAMP_444, 95, 0),
            0);
  Bytes encoded(jpeg, jpeg + bytes);
  tjFree(jpeg);
  tjDestroy(compressor);
  return encoded;
}

TEST(DecodeJpeg, TurnsCmykIntoRgb) {
  Image image;
  ASSERT_TRUE(DecodeWith({}, CmykJpeg({255, 128, 0, 128}), image).ok());
  EXPECT_NEAR(image.data()[0], 128, 3);
  EXPECT_NEAR(image.data()[1], 64, 3);
  EXPECT_NEAR(image.data()[2], 0, 3);
}

TEST(DecodeJpeg, SaysThatTheFileEndsTooEarly) {
  Bytes bytes = ReadPicture(kAstronaut);
  bytes.resize(bytes.size() * 2 / 3);
  EXPECT_EQ(ErrorOf(bytes),
            "some/picture is a broken JPEG picture (Premature end of JPEG file); repair it or leave it out");
}

TEST(DecodeJpeg, ToleratesWhatCamerasWriteButNotThatItHidesATruncation) {
  const Bytes whole = ReadPicture(kAstronaut);
  Bytes stray = whole;  // padding before the marker that ends the picture
  stray.insert(stray.end() - 2, 20, 0);
  EXPECT_EQ(ErrorOf(stray), "");
  Bytes padded(stray.size() + 100);
  std::ranges::copy(stray, padded.begin());
  EXPECT_EQ(ErrorOf(padded), "");
  stray.pop_back();
  EXPECT_THAT(ErrorOf(stray), HasSubstr("broken JPEG"));
}

// What a decoder that lost its place leaves over looks like this.
TEST(DecodeJpeg, ReportsCodedDataLeftOverAtTheEnd) {
  Bytes bytes = ReadPicture(kAstronaut);
  bytes.insert(bytes.end() - 2, 20, 0x12);
  EXPECT_THAT(ErrorOf(bytes), HasSubstr("extraneous bytes before marker 0xd9"));
}

TEST(DecodeJpeg, SaysThatTheFileEndsWithinItsHeader) {
  Bytes bytes = ReadPicture(kAstronaut);
  bytes.resize(60);
  EXPECT_THAT(ErrorOf(bytes), HasSubstr("broken JPEG picture (the file ends within its header)"));
}

TEST(DecodeJpeg, SurvivesDamageAnywhere) {
  const Bytes whole = Encode(".jpg", SmoothBgr(40, 40));
  auto decoder = Decoder::Create();
  ASSERT_TRUE(decoder.ok());
  Image image;
  int errors = 0;
  for (size_t i = 0; i < whole.size(); ++i) {
    Bytes damaged = whole;
    damaged[i] ^= 0xFF;
    const Status status = decoder->Decode(damaged, "damaged", image);
    if (status.ok()) continue;
    ++errors;
    EXPECT_THAT(status.error().message(), HasSubstr("damaged"));
  }
  EXPECT_GT(errors, 20);
  EXPECT_TRUE(decoder->Decode(whole, "whole", image).ok());
  EXPECT_LE(LargestDifference(image), 8);
}

// The committed picture with 30,000 x 30,000 in its frame header (SOF0: FF C0, length, precision, height,
// width).
TEST(DecodeJpeg, RefusesAHugeHeader) {
  Bytes bytes = ReadPicture(kAstronaut);
  const std::array<uint8_t, 2> start_of_frame = {0xFF, 0xC0};
  const auto at = std::ranges::search(bytes, start_of_frame).begin();
  ASSERT_NE(at, bytes.end());
  const std::array<uint8_t, 4> sides = {30000 >> 8, 30000 & 0xFF, 30000 >> 8, 30000 & 0xFF};
  std::ranges::copy(sides, at + 5);
  EXPECT_THAT(ErrorOf(bytes), AllOf(HasSubstr("some/picture is 30000 x 30000 pixels by its header"),
                                    HasSubstr("more than 134217728 pixels")));
}

TEST(DecodePng, RefusesAHugeHeader) {
  // Width, height, 8 bits, RGB, and the checksum that belongs to them, over those of a small picture.
  const std::array<uint8_t, 17> header = {0, 0, 0x75, 0x30, 0,    0,    0x75, 0x30, 8,
                                          2, 0, 0,    0,    0xE9, 0x45, 0x6F, 0xED};
  Bytes bytes = Encode(".png", SmoothBgr(60, 50));
  std::ranges::copy(header, bytes.begin() + 16);
  EXPECT_THAT(ErrorOf(bytes), HasSubstr("some/picture is 30000 x 30000 pixels by its header"));
}

TEST(DecodePng, DropsAlphaAndTheLowerHalfOf16Bits) {
  Image image;
  ASSERT_TRUE(DecodeWith({}, Encode(".png", cv::Mat(3, 3, CV_8UC4, cv::Scalar(10, 20, 30, 0))), image).ok());
  EXPECT_EQ(std::vector<int>(image.data(), image.data() + 3), (std::vector<int>{30, 20, 10}));
  const cv::Mat deep(3, 3, CV_16UC3, cv::Scalar(0x10FF, 0x2000, 0x30AA));
  ASSERT_TRUE(DecodeWith({}, Encode(".png", deep), image).ok());
  EXPECT_EQ(std::vector<int>(image.data(), image.data() + 3), (std::vector<int>{0x30, 0x20, 0x10}));
}

TEST(DecodePng, GivesThreeChannelsForGrey) {
  Image image;
  ASSERT_TRUE(DecodeWith({}, Encode(".png", cv::Mat(3, 3, CV_8UC1, cv::Scalar(77))), image).ok());
  EXPECT_EQ(std::vector<int>(image.data(), image.data() + 3), (std::vector<int>{77, 77, 77}));
}

TEST(DecodePng, ReportsAWrongChecksum) {
  Bytes bytes = Encode(".png", SmoothBgr(60, 50));
  bytes[bytes.size() / 2] ^= 0x10;
  EXPECT_THAT(ErrorOf(bytes), HasSubstr("some/picture is a broken PNG picture"));
}

TEST(Decode, SaysWhatIsNoPicture) {
  EXPECT_EQ(ErrorOf({}), "some/picture is empty");
  const std::string expected = "some/picture does not begin like a JPEG, PNG, BMP or WebP picture";
  EXPECT_EQ(ErrorOf({'h', 'e', 'l', 'l', 'o'}), expected);
  EXPECT_EQ(ErrorOf({0xFF, 0xD8}), expected);
  EXPECT_EQ(ErrorOf(Bytes(1000, 0)), expected);
}

TEST(Decode, SaysThatNothingFollowsTheMagicNumber) {
  EXPECT_THAT(ErrorOf({0xFF, 0xD8, 0xFF}), HasSubstr("broken JPEG"));
  EXPECT_THAT(ErrorOf({0x89, 'P', 'N', 'G', '\r', '\n', 0x1A, '\n'}),
              HasSubstr("broken PNG picture (the file ends too early)"));
  EXPECT_THAT(ErrorOf({'B', 'M', 1}), HasSubstr("broken BMP picture (its header has no picture size)"));
  EXPECT_THAT(ErrorOf({'R', 'I', 'F', 'F', 0, 0, 0, 0, 'W', 'E', 'B', 'P', 'V', 'P', '8', ' '}),
              HasSubstr("broken WebP picture (its header has no picture size)"));
}

TEST(Decode, SaysThatTiffIsNotDecoded) {
  const std::string expected = "some/picture is a TIFF picture, which is not decoded; convert it to PNG";
  EXPECT_EQ(ErrorOf(Encode(".tiff", SmoothBgr(60, 50))), expected);
  EXPECT_EQ(ErrorOf({'M', 'M', 0, '*', 0, 0, 0, 8}), expected);
}

}  // namespace
}  // namespace sightline::decode
