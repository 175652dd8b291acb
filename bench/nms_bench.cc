// What detection costs behind the network: SSD decode and suppression of 1917 anchors x 91 classes (TF-OD's
// SSD at 300 x 300) with 100 and with 1,000 candidates; and suppression alone beside a loop over the classes
// that calls OpenCV's NMSBoxes on the same boxes and scores, interleaved in one run.
//
// The loop is given its vectors class by class as NMSBoxes takes them; ours is given what the decoder leaves,
// and sorts by class first and all detections together at the end, which the loop doesn't.
//
// Usage: nms_bench [ROUNDS [PAIRS]]      exit code 1 when suppression alone is slower than the loop
#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <opencv2/dnn.hpp>
#include <random>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "bench/interleave.h"
#include "src/postprocess/anchors.h"
#include "src/postprocess/detector.h"
#include "src/postprocess/nms.h"

namespace sightline::bench {
namespace {

constexpr int kClasses = 91;
constexpr double kRatioLimit = 1.0;
constexpr int kRepeats = 50;  // of one timing: a single suppression takes less than the clock tells well

[[noreturn]] void Fail(const std::string& message) {
  std::fprintf(stderr, "nms_bench: %s\n", message.c_str());
  std::exit(2);
}

SsdSpec Ssd1917() {
  SsdSpec spec;
  const std::pair<int, size_t> layers[] = {{19, 3}, {10, 6}, {5, 6}, {3, 6}, {2, 6}, {1, 6}};
  float scale = 0.2F;
  for (const auto& [side, shapes] : layers) {
    AnchorLayer layer{side, side, 1.0F / static_cast<float>(side), 1.0F / static_cast<float>(side), {}};
    for (const float ratio : {1.0F, 2.0F, 0.5F, 3.0F, 1.0F / 3, 1.2F}) {
      if (layer.shapes.size() == shapes) break;
      layer.shapes.push_back({scale * std::sqrt(ratio), scale / std::sqrt(ratio)});
    }
    spec.layers.push_back(layer);
    scale += 0.15F;
  }
  return spec;
}

TaskSpec MakeTask() {
  TaskSpec task;
  task.task = Task::kDetection;
  task.classes = kClasses;
  task.has_background_class = true;
  task.detection.emplace();
  task.detection->decoder = Ssd1917();
  task.detection->nms = {
      .score_threshold = 0.3F, .iou_threshold = 0.6F, .max_per_class = 100, .max_total = 100};
  return task;
}

double Distance(const postprocess::Anchor& a, const postprocess::Anchor& b) {
  return std::hypot(static_cast<double>(a.x - b.x), static_cast<double>(a.y - b.y)) +
         std::abs(std::log(static_cast<double>(a.width / b.width)));
}

// Outputs as of a picture with objects in it: around each the nearest anchors say its class, all else is far
// below the threshold. Exactly `candidates` pairs are above it.
struct Outputs {
  Outputs(int candidates, unsigned seed) {
    std::mt19937 random(seed);
    std::normal_distribution<float> noise(0, 1);
    const auto anchors = postprocess::ExpandAnchors(Ssd1917());
    boxes = Tensor(SL_F32, SL_LAYOUT_PLAIN, {1, static_cast<int64_t>(anchors.size()), 4});
    scores = Tensor(SL_F32, SL_LAYOUT_PLAIN, {1, static_cast<int64_t>(anchors.size()), kClasses});
    for (size_t i = 0; i < anchors.size() * 4; ++i) boxes.view().f32()[i] = noise(random);
    for (size_t i = 0; i < anchors.size() * kClasses; ++i) scores.view().f32()[i] = -9 + noise(random);
    const int of_an_object = candidates / 20 + 5;
    std::set<size_t> raised;
    while (static_cast<int>(raised.size()) < candidates) {
      const postprocess::Anchor& object = anchors[random() % anchors.size()];
      const size_t class_index = 1 + random() % (kClasses - 1);
      std::vector<size_t> nearest(anchors.size());
      for (size_t i = 0; i < nearest.size(); ++i) nearest[i] = i;
      std::partial_sort(
          nearest.begin(), nearest.begin() + of_an_object, nearest.end(),
          [&](size_t a, size_t b) { return Distance(anchors[a], object) < Distance(anchors[b], object); });
      for (int i = 0; i < of_an_object && static_cast<int>(raised.size()) < candidates; ++i)
        raised.insert(nearest[static_cast<size_t>(i)] * kClasses + class_index);
    }
    for (const size_t at : raised) scores.view().f32()[at] = 0.5F + std::abs(noise(random));
  }
  std::vector<TensorView> views() const { return {boxes.view(), scores.view()}; }
  static std::vector<TensorInfo> infos() {
    return {{"boxes", SL_F32, SL_LAYOUT_PLAIN, {1, 1917, 4}},
            {"scores", SL_F32, SL_LAYOUT_PLAIN, {1, 1917, kClasses}}};
  }
  Tensor boxes;
  Tensor scores;
};

void ReportWhole(int candidates, const Effort& effort) {
  const SteadyClock clock;
  std::vector<double> round_medians_us;
  size_t detections_count = 0;
  for (int round = 0; round < effort.rounds; ++round) {
    const Outputs outputs(candidates, static_cast<unsigned>(round) + 1);
    auto detector = postprocess::Detector::Create(MakeTask(), Outputs::infos());
    if (!detector.ok()) Fail(detector.error().message());
    std::vector<Detection> detections;
    const auto views = outputs.views();
    std::vector<double> times_us;
    for (int i = 0; i < effort.warm_up + effort.pairs * 5; ++i) {
      const int64_t begin_ns = clock.NowNs();
      const Status status = detector->Run(views, {}, detections);
      const auto took_us = static_cast<double>(clock.NowNs() - begin_ns) / 1e3;
      if (!status.ok()) Fail(status.error().message());
      if (i >= effort.warm_up) times_us.push_back(took_us);
    }
    if (detector->candidates().value_or(0) > candidates) Fail("more candidates than were made");
    detections_count += detections.size();
    round_medians_us.push_back(MedianOf(times_us));
  }
  const auto mean = stats::EstimateMean(round_medians_us);
  if (!mean.interval) Fail("two rounds are the least");
  std::printf("%-44s %9.1f us [%.1f, %.1f] a picture, mean over %d rounds of the median; %.1f detections\n",
              ("SSD 1917 x 91, " + std::to_string(candidates) + " candidates").c_str(), mean.moments.mean(),
              mean.interval->low, mean.interval->high, effort.rounds,
              static_cast<double>(detections_count) / effort.rounds);
}

// The candidates of one picture, as each side takes them.
template <typename Rect>
struct SameCandidates {
  struct OfClass {
    std::vector<Rect> boxes;
    std::vector<float> scores;
  };

  SameCandidates(int candidates, unsigned seed) : set(static_cast<size_t>(candidates), kClasses) {
    std::mt19937 random(seed);
    std::uniform_real_distribution<float> place(0.1F, 0.9F);
    std::normal_distribution<float> jitter(0, 0.02F);
    std::vector<std::array<float, 3>> objects;  // where, and what
    for (int i = 0; i < 20; ++i)
      objects.push_back({place(random), place(random), static_cast<float>(1 + random() % (kClasses - 1))});
    set.Resize(static_cast<size_t>(candidates));
    of_class.resize(kClasses);
    const postprocess::BoxArrays boxes = set.boxes();
    for (int i = 0; i < candidates; ++i) {
      const auto& object = objects[random() % objects.size()];
      const auto class_index = static_cast<int32_t>(object[2]);
      const float score = std::clamp(place(random), 0.31F, 1.0F);
      boxes.left[i] = object[0] - 0.1F + jitter(random);
      boxes.top[i] = object[1] - 0.08F + jitter(random);
      boxes.right[i] = object[0] + 0.1F + jitter(random);
      boxes.bottom[i] = object[1] + 0.08F + jitter(random);
      set.Add(i, class_index, score);
      OfClass& own = of_class[static_cast<size_t>(class_index)];
      // In pixels, for the rectangles of whole numbers.
      own.boxes.push_back(Rect(cv::Rect2d(cv::Point2d(boxes.left[i] * 3000.0, boxes.top[i] * 3000.0),
                                          cv::Point2d(boxes.right[i] * 3000.0, boxes.bottom[i] * 3000.0))));
      own.scores.push_back(score);
    }
  }
  postprocess::CandidateSet set;
  std::vector<OfClass> of_class;
};

template <typename Rect>
bool CompareSuppression(int candidates, const char* rectangles, const Effort& effort) {
  const NmsSpec spec{
      .score_threshold = 0.3F, .iou_threshold = 0.6F, .max_per_class = 0, .max_total = 100'000};
  unsigned seed = 0;
  const Ratio ratio = CompareInterleaved(
      [&](bool) {
        auto same = std::make_shared<SameCandidates<Rect>>(candidates, ++seed);
        auto nms = std::make_shared<postprocess::Nms>(spec, kClasses, static_cast<size_t>(candidates));
        auto ours = std::make_shared<std::vector<Detection>>();
        auto theirs = std::make_shared<size_t>(0);
        const auto run_ours = [=] {
          for (int i = 0; i < kRepeats; ++i) nms->Run(same->set, *ours);
        };
        const auto run_theirs = [=, kept = std::make_shared<std::vector<int>>()] {
          for (int i = 0; i < kRepeats; ++i) {
            *theirs = 0;
            for (const auto& own : same->of_class) {
              if (own.boxes.empty()) continue;
              cv::dnn::NMSBoxes(own.boxes, own.scores, spec.score_threshold, spec.iou_threshold, *kept);
              *theirs += kept->size();
            }
          }
        };
        run_ours();
        run_theirs();
        // Rounding to whole pixels may decide a pair otherwise.
        const auto difference = std::abs(static_cast<double>(ours->size()) - static_cast<double>(*theirs));
        if (difference > 0.02 * static_cast<double>(*theirs) + 1) Fail("the two sides keep different boxes");
        return Sides{run_ours, run_theirs};
      },
      effort);
  char what[100];
  std::snprintf(what, sizeof what, "NMS, %d x %d candidates, / NMSBoxes(%s)", kRepeats, candidates,
                rectangles);
  return Judge(what, ratio, kRatioLimit);
}

int Main(const Effort& effort) {
  for (const int candidates : {100, 1000}) ReportWhole(candidates, effort);
  bool met = true;
  for (const int candidates : {100, 1000}) {
    met = CompareSuppression<cv::Rect>(candidates, "Rect", effort) && met;
    met = CompareSuppression<cv::Rect2d>(candidates, "Rect2d", effort) && met;
  }
  return met ? 0 : 1;
}

}  // namespace
}  // namespace sightline::bench

int main(int argc, char** argv) {
  return sightline::bench::Main(sightline::bench::EffortFrom(argc, argv, 1, {.rounds = 20, .pairs = 20}));
}
