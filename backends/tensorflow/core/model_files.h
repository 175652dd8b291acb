// TensorFlow's own files: SavedModel folders and frozen GraphDef files.
#pragma once

#include <filesystem>
#include <string>

#include "backends/kit/status.h"
#include "backends/tensorflow/core/session.h"
#include "backends/tensorflow/core/session_config.h"
#include "backends/tensorflow/core/translate.h"

namespace sightline::tensorflow {

// Chooses what to feed and fetch where the file leaves a choice; "" takes what the file says by itself.
struct FileChoices {
  std::string inputs;   // frozen graphs: "name:0,other:0"; by itself every Placeholder
  std::string outputs;  // frozen graphs: "name:0" or, where the graph doesn't say its shape, "name:0=100x4";
                        // by itself what no other operation reads
  std::string input_shape;  // frozen graphs: "HxWxC" of the one input, whose file does not say it
  std::string signature;    // SavedModel; by itself "serving_default"
};

// A model and, for a SavedModel, the session its variables live in; a graph without variables has none yet.
struct OpenedModel {
  Model model;
  SessionPtr session;
};

// A folder is a SavedModel, a file a frozen graph. Errors name the path and what is wrong with it.
kit::Result<OpenedModel> OpenModelFile(const std::filesystem::path& path, const FileChoices& choices,
                                       const SessionSettings& settings);

}  // namespace sightline::tensorflow
