#include "src/zoo/families.h"

#include "src/flow/preprocess_styles.h"

namespace sightline::zoo {

PreprocessSpec SquareInput(PreprocessSpec style, int size) {
  style.width = size;
  style.height = size;
  return style;
}

PreprocessSpec InceptionPreprocess(int size) {
  return SquareInput(SlimInceptionStyle(), size);
}

PreprocessSpec VggPreprocess(int size) {
  return SquareInput(SlimVggStyle(), size);
}

PreprocessSpec CaffePreprocess(int size) {
  return SquareInput(CaffeStyle(), size);
}

PreprocessSpec TorchvisionPreprocess(int size) {
  PreprocessSpec spec = SquareInput(TorchvisionStyle(), size);
  spec.shorter_side = 256;
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
