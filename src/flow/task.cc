#include "src/flow/task.h"

namespace sightline {

std::string_view TaskName(Task task) {
  switch (task) {
    case Task::kClassification:
      return "classification";
    case Task::kDetection:
      return "detection";
  }
  return "unknown";
}

}  // namespace sightline
