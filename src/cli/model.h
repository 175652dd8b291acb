// Turns what a user names with -m into a network with its task.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "src/backend/backend.h"
#include "src/base/clock.h"
#include "src/base/result.h"
#include "src/flow/run_result.h"
#include "src/flow/task.h"
#include "src/network/network.h"

namespace sightline::cli {

struct LoadedModel {
  std::string name;
  std::optional<network::Network> network;         // zoo networks and ONNX files
  std::optional<network::Network> second_network;  // of a zoo detector in two stages
  std::filesystem::path file;                      // a framework's own format, when `network` is absent
  TaskSpec task;
  bool task_assumed = false;  // nobody described the task: preprocessing and output are guessed
  bool scores_given = false;  // whether scores are logits was said, so that no output is asked for it
  std::string labels_file;    // of a description; empty: none
  // Why the network can be looked at but not run: no picture goes in, or no result comes out.
  std::optional<Error> task_problem;
  std::string quantization;  // how the network was quantized here; "": it was not
  int64_t build_ns = 0;      // reading or building it on the host

  backend::ModelSource source() const;
};

// A zoo name, a model's file or folder, or a model description (.yaml) that names one. A name that is none of
// them suggests the nearest zoo name.
Result<LoadedModel> LoadModel(const std::string& name, uint64_t weight_seed, const Clock& clock);

// Gives the network the batch a run of `batch` needs: open where it can be, else fixed at `batch`. Fails with
// the model's task_problem when it has one.
Status PrepareBatch(LoadedModel& model, int batch);

// Whether a detector has a second network, which looks at each proposal of the first.
bool HasSecondNetwork(const TaskSpec& task);

// How many proposals a frame of a detector in two stages has; 0 where there is one stage.
int ProposalsOf(const TaskSpec& task);

// Fills in what only the engine knows: the number of a described detector's classes (of finished boxes by
// their names); of a model in a framework's own format the input size and the classes. Where the input takes
// bytes, mean and scale go. Fails when the model's input is not a picture or its size is open.
Status CompleteTask(const backend::EngineInfo& engine, LoadedModel& model);

// Figures and words for the manifest.
ModelFacts DescribeModel(const LoadedModel& model);

}  // namespace sightline::cli
