// What TensorRT's logger says, kept for the sentence of a failure.
#pragma once

#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace sightline::tensorrt {

// Thread-safe.
class Messages {
 public:
  // An error TensorRT told of; of more than a few only the first are kept.
  void Add(std::string_view message);
  // What was kept since the last Take, joined by "; ", places in its sources left out and cut after 400
  // characters; `otherwise` where nothing was.
  std::string Take(std::string_view otherwise);

 private:
  std::mutex mutex_;
  std::vector<std::string> kept_;
};

}  // namespace sightline::tensorrt
