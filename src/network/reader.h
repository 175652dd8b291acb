// From a file, or a ModelProto in memory, to a checked Draft. Nothing is normalized here but where things are
// stored.
#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include "onnx/onnx_pb.h"
#include "src/base/result.h"
#include "src/network/draft.h"

namespace sightline::network {

inline constexpr int kOldestOpset = 7;   // before it, broadcasting and batch norm are spelled differently
inline constexpr int kNewestOpset = 17;  // what ONNX 1.12 knows

// Errors name the file.
Result<std::unique_ptr<onnx::ModelProto>> ReadModelFile(const std::filesystem::path& path);

// Checks the model (versions, types, references, ONNX's own checker), puts its nodes in order and its weights
// aside.
Result<Draft> MakeDraft(std::unique_ptr<onnx::ModelProto> model, std::string name);

}  // namespace sightline::network
