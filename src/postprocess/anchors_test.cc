#include "src/postprocess/anchors.h"

#include <gtest/gtest.h>

namespace sightline::postprocess {
namespace {

// Square maps with so many shapes a cell.
SsdSpec Ssd(const std::vector<std::pair<int, size_t>>& layers) {
  SsdSpec spec;
  for (const auto& [side, shapes] : layers) {
    const float step = 1.0F / static_cast<float>(side);
    spec.layers.push_back({side, side, step, step, std::vector<AnchorShape>(shapes, {0.1F, 0.1F})});
  }
  return spec;
}

YoloSpec Yolo(const std::vector<int>& sides, size_t anchors) {
  YoloSpec spec;
  for (const int side : sides)
    spec.heads.push_back({side, side, std::vector<AnchorShape>(anchors, {10, 10})});
  return spec;
}

struct Published {
  int anchors;
  SsdSpec spec;
  const char* source;
};

TEST(Anchors, AreAsManyAsPublished) {
  const Published cases[] = {
      {8732, Ssd({{38, 4}, {19, 6}, {10, 6}, {5, 6}, {3, 4}, {1, 4}}), "SSD300, weiliu89/caffe ssd README"},
      {24564, Ssd({{64, 4}, {32, 6}, {16, 6}, {8, 6}, {4, 6}, {2, 4}, {1, 4}}), "SSD512, the same"},
      {1917, Ssd({{19, 3}, {10, 6}, {5, 6}, {3, 6}, {2, 6}, {1, 6}}), "TF-OD SSD 300"},
      {2034, Ssd({{20, 3}, {10, 6}, {5, 6}, {3, 6}, {2, 6}, {1, 6}}), "TF-OD SSD 320"},
      {15130, Ssd({{50, 4}, {25, 6}, {13, 6}, {7, 6}, {3, 4}, {3, 4}}), "MLPerf SSD-ResNet34 1200"},
      {51150, Ssd({{80, 6}, {40, 6}, {20, 6}, {10, 6}, {5, 6}}), "TF-OD FPN 640"}};
  for (const Published& c : cases) {
    EXPECT_EQ(AnchorCount(c.spec), c.anchors) << c.source;
    EXPECT_EQ(ExpandAnchors(c.spec).size(), static_cast<size_t>(c.anchors)) << c.source;
  }
  EXPECT_EQ(AnchorCount(Yolo({13}, 5)), 845);                                 // YOLOv2 416
  EXPECT_EQ(AnchorCount(Yolo({19}, 5)), 1805);                                // YOLOv2 608
  EXPECT_EQ(AnchorCount(Yolo({10, 20, 40}, 3)), 6300);                        // YOLOv3 320
  EXPECT_EQ(AnchorCount(Yolo({13, 26, 52}, 3)), 10647);                       // YOLOv3 416
  EXPECT_EQ(AnchorCount(Yolo({19, 38, 76}, 3)), 22743);                       // YOLOv3 608
  EXPECT_EQ(AnchorCount(DetectionSpec{.decoder = Yolo({13, 26}, 3)}), 2535);  // YOLOv3-tiny 416
}

TEST(Anchors, FollowLayerRowColumnShape) {
  SsdSpec spec;
  spec.layers.push_back({2, 3, 0.5F, 0.25F, {{0.1F, 0.2F}, {0.4F, 0.3F}}});
  spec.layers.push_back({1, 1, 1, 1, {{0.9F, 0.8F}}});
  const auto anchors = ExpandAnchors(spec);
  ASSERT_EQ(anchors.size(), 13U);
  EXPECT_EQ(anchors[0], (Anchor{0.125F, 0.25F, 0.1F, 0.2F}));
  EXPECT_EQ(anchors[1], (Anchor{0.125F, 0.25F, 0.4F, 0.3F}));
  EXPECT_EQ(anchors[2], (Anchor{0.375F, 0.25F, 0.1F, 0.2F}));
  EXPECT_EQ(anchors[6], (Anchor{0.125F, 0.75F, 0.1F, 0.2F}));
  EXPECT_EQ(anchors[12], (Anchor{0.5F, 0.5F, 0.9F, 0.8F}));
}

// Caffe's `clip: true` cuts the corners, which moves the centre.
TEST(Anchors, AreCutToTheInputWhereAsked) {
  SsdSpec spec;
  spec.layers.push_back({1, 1, 0.2F, 1, {{0.5F, 0.5F}}});
  spec.clip_anchors = true;
  const Anchor anchor = ExpandAnchors(spec)[0];
  EXPECT_FLOAT_EQ(anchor.x, 0.5F);
  EXPECT_FLOAT_EQ(anchor.width, 0.5F);
  // From -0.15 to 0.35.
  EXPECT_FLOAT_EQ(anchor.y, 0.175F);
  EXPECT_FLOAT_EQ(anchor.height, 0.35F);
}

}  // namespace
}  // namespace sightline::postprocess
