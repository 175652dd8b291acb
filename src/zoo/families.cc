#include "src/zoo/families.h"

namespace sightline::zoo {

PreprocessSpec InceptionPreprocess(int size) {
  PreprocessSpec spec;
  spec.width = size;
  spec.height = size;
  spec.resize = ResizeMode::kCropThenStretch;
  spec.kernel = ResizeKernel::kBilinearTf1;
  spec.crop_fraction = 0.875;
  spec.mean = {127.5F, 127.5F, 127.5F};
  spec.scale = {1 / 127.5F, 1 / 127.5F, 1 / 127.5F};
  return spec;
}

PreprocessSpec VggPreprocess(int size) {
  PreprocessSpec spec;
  spec.width = size;
  spec.height = size;
  spec.resize = ResizeMode::kShorterThenCrop;
  spec.kernel = ResizeKernel::kBilinearTf1;
  spec.shorter_side = 256;
  spec.crop_rounding = CropRounding::kDown;
  spec.mean = {123.68F, 116.78F, 103.94F};
  return spec;
}

PreprocessSpec CaffePreprocess(int size) {
  PreprocessSpec spec;
  spec.width = size;
  spec.height = size;
  spec.resize = ResizeMode::kShorterThenCrop;
  spec.kernel = ResizeKernel::kBilinear;
  spec.shorter_side = 256;
  spec.crop_rounding = CropRounding::kDown;
  spec.order = PixelOrder::kBgr;
  spec.mean = {104, 117, 123};
  return spec;
}

PreprocessSpec TorchvisionPreprocess(int size) {
  PreprocessSpec spec;
  spec.width = size;
  spec.height = size;
  spec.resize = ResizeMode::kShorterThenCrop;
  spec.kernel = ResizeKernel::kBilinearAntialias;
  spec.shorter_side = 256;
  spec.mean = {0.485F * 255, 0.456F * 255, 0.406F * 255};
  spec.scale = {1 / (0.229F * 255), 1 / (0.224F * 255), 1 / (0.225F * 255)};
  return spec;
}

TaskSpec ClassificationTask(const PreprocessSpec& preprocess, int classes,
                            const PublishedFigures& published) {
  TaskSpec task;
  task.task = Task::kClassification;
  task.preprocess = preprocess;
  task.output_kind = OutputKind::kProbabilities;
  task.classes = classes;
  task.has_background_class = classes == kImageNetClassesWithBackground;
  task.published = published;
  return task;
}

}  // namespace sightline::zoo
