#include "src/postprocess/nms.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <opencv2/dnn.hpp>
#include <random>
#include <set>

namespace sightline::postprocess {
namespace {

using testing::ElementsAre;

struct Scored {
  Box box;
  int class_index;
  float score;
};

std::vector<Detection> RunNms(const NmsSpec& spec, const std::vector<Scored>& scored, int classes = 3) {
  CandidateSet set(scored.size(), static_cast<size_t>(classes));
  set.Resize(scored.size());
  const BoxArrays boxes = set.boxes();
  for (size_t i = 0; i < scored.size(); ++i) {
    boxes.left[i] = scored[i].box.left;
    boxes.top[i] = scored[i].box.top;
    boxes.right[i] = scored[i].box.right;
    boxes.bottom[i] = scored[i].box.bottom;
    set.Add(static_cast<int32_t>(i), scored[i].class_index, scored[i].score);
  }
  std::vector<Detection> detections;
  Nms(spec, classes, scored.size()).Run(set, detections);
  return detections;
}

std::vector<float> ScoresOf(const std::vector<Detection>& detections) {
  std::vector<float> scores;
  for (const Detection& d : detections) scores.push_back(d.score);
  return scores;
}

constexpr Box kHere{0, 0, 0.4F, 0.4F};
constexpr Box kNearHere{0.02F, 0, 0.42F, 0.4F};  // IoU 0.38 / 0.42
constexpr Box kThere{0.5F, 0.5F, 0.9F, 0.9F};

TEST(Nms, OfOverlappingBoxesOfAClassTheBestStays) {
  const auto found =
      RunNms({.iou_threshold = 0.5F}, {{kHere, 1, 0.6F}, {kNearHere, 1, 0.7F}, {kThere, 1, 0.5F}});
  ASSERT_EQ(found.size(), 2U);
  EXPECT_EQ(found[0], (Detection{kNearHere, 1, 0.7F}));
  EXPECT_EQ(found[1], (Detection{kThere, 1, 0.5F}));
}

TEST(Nms, ClassesDoNotHideEachOther) {
  EXPECT_THAT(ScoresOf(RunNms({}, {{kHere, 1, 0.6F}, {kNearHere, 2, 0.7F}})), ElementsAre(0.7F, 0.6F));
}

// The chain a - b - c: b goes for a, and then no longer hides c.
TEST(Nms, ABoxThatIsGoneHidesNone) {
  const Box a{0, 0, 0.3F, 1};
  const Box b{0.1F, 0, 0.4F, 1};
  const Box c{0.2F, 0, 0.5F, 1};
  EXPECT_THAT(ScoresOf(RunNms({.iou_threshold = 0.4F}, {{a, 0, 0.9F}, {b, 0, 0.8F}, {c, 0, 0.7F}})),
              ElementsAre(0.9F, 0.7F));
}

TEST(Nms, EachLimitHoldsByItself) {
  std::vector<Scored> scored;
  for (int i = 0; i < 6; ++i) {
    const float left = static_cast<float>(i) * 0.15F;
    scored.push_back({{left, 0, left + 0.1F, 1}, i % 2, 0.9F - 0.1F * static_cast<float>(i)});
  }
  const std::vector<float> all = {0.9F, 0.8F, 0.7F, 0.6F, 0.5F, 0.4F};
  const auto near = [](const std::vector<float>& expected) {
    std::vector<testing::Matcher<float>> matchers;
    for (const float value : expected) matchers.push_back(testing::FloatNear(value, 1e-6F));
    return testing::ElementsAreArray(matchers);
  };
  EXPECT_THAT(ScoresOf(RunNms({}, scored)), near(all));
  EXPECT_THAT(ScoresOf(RunNms({.max_per_class = 2}, scored)), near({0.9F, 0.8F, 0.7F, 0.6F}));
  EXPECT_THAT(ScoresOf(RunNms({.max_total = 3}, scored)), near({0.9F, 0.8F, 0.7F}));
  EXPECT_THAT(ScoresOf(RunNms({.max_candidates_per_class = 1}, scored)), near({0.9F, 0.8F}));
  EXPECT_THAT(ScoresOf(RunNms({.max_per_class = 0}, scored)), near(all)) << "0: no limit";
  // Suppression comes after the first limit and before the second.
  const std::vector<Scored> close = {{kHere, 0, 0.9F}, {kNearHere, 0, 0.8F}, {kThere, 0, 0.7F}};
  EXPECT_THAT(ScoresOf(RunNms({.max_candidates_per_class = 2}, close)), ElementsAre(0.9F));
  EXPECT_THAT(ScoresOf(RunNms({.max_per_class = 2}, close)), ElementsAre(0.9F, 0.7F));
}

TEST(Nms, TiesGoToTheLowerClassThenTheLowerPlace) {
  const auto found =
      RunNms({}, {{kThere, 2, 0.5F}, {kHere, 1, 0.5F}, {kThere, 1, 0.5F}, {kNearHere, 1, 0.5F}});
  ASSERT_EQ(found.size(), 3U);
  EXPECT_EQ(found[0], (Detection{kHere, 1, 0.5F}));
  EXPECT_EQ(found[1], (Detection{kThere, 1, 0.5F}));
  EXPECT_EQ(found[2], (Detection{kThere, 2, 0.5F}));
}

TEST(Nms, NothingGivesNothing) {
  EXPECT_THAT(RunNms({}, {}), testing::IsEmpty());
}

// Clustered boxes, so that many hide each other; scores all different.
std::vector<Scored> Clusters(int count, int classes, unsigned seed) {
  std::mt19937 random(seed);
  std::uniform_real_distribution<float> centre(0.1F, 0.9F);
  std::normal_distribution<float> jitter(0, 0.02F);
  std::vector<std::pair<float, float>> centres;
  for (int i = 0; i < 12; ++i) centres.emplace_back(centre(random), centre(random));
  std::vector<float> scores;
  for (int i = 0; i < count; ++i)
    scores.push_back((static_cast<float>(i) + 1) / static_cast<float>(count + 1));
  std::shuffle(scores.begin(), scores.end(), random);
  std::vector<Scored> scored;
  for (int i = 0; i < count; ++i) {
    const auto& [x, y] = centres[random() % centres.size()];
    const float cx = x + jitter(random);
    const float cy = y + jitter(random);
    const float width = 0.1F + std::abs(jitter(random));
    const float height = 0.15F + std::abs(jitter(random));
    scored.push_back({{cx - width / 2, cy - height / 2, cx + width / 2, cy + height / 2},
                      static_cast<int>(random() % static_cast<unsigned>(classes)),
                      scores[static_cast<size_t>(i)]});
  }
  return scored;
}

// Two of a hundred thousand pairs may be so near the threshold that float and double decide otherwise; with
// these seeds none is.
TEST(Nms, AgreesWithOpenCv) {
  constexpr int kClasses = 7;
  for (unsigned seed = 1; seed <= 20; ++seed) {
    const auto scored = Clusters(600, kClasses, seed);
    for (const float iou : {0.3F, 0.45F, 0.6F}) {
      std::set<float> expected;  // scores tell boxes apart
      for (int c = 0; c < kClasses; ++c) {
        std::vector<cv::Rect2d> boxes;
        std::vector<float> scores;
        for (const Scored& s : scored) {
          if (s.class_index != c) continue;
          boxes.emplace_back(cv::Point2d(s.box.left, s.box.top), cv::Point2d(s.box.right, s.box.bottom));
          scores.push_back(s.score);
        }
        std::vector<int> kept;
        cv::dnn::NMSBoxes(boxes, scores, 0, iou, kept);
        for (const int index : kept) expected.insert(scores[static_cast<size_t>(index)]);
      }
      const auto found = ScoresOf(
          RunNms({.iou_threshold = iou, .max_per_class = 0, .max_total = 100'000}, scored, kClasses));
      EXPECT_EQ(std::set<float>(found.begin(), found.end()), expected) << "seed " << seed << ", IoU " << iou;
      EXPECT_LT(found.size(), scored.size() / 2) << "many are hidden";
      EXPECT_TRUE(std::is_sorted(found.rbegin(), found.rend()));
    }
  }
}

}  // namespace
}  // namespace sightline::postprocess
