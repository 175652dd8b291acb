#include "backends/torch/program.h"

#include <array>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <utility>

namespace sightline::torch_backend {
namespace {

template <typename T>
std::shared_ptr<const std::vector<std::byte>> BytesOf(const std::vector<T>& values) {
  std::vector<std::byte> bytes(values.size() * sizeof(T));
  if (!bytes.empty()) std::memcpy(bytes.data(), values.data(), bytes.size());
  return std::make_shared<const std::vector<std::byte>>(std::move(bytes));
}

}  // namespace

std::string Literal(const Dims& values) {
  std::string list;
  for (const int64_t value : values) list += (list.empty() ? "" : ", ") + std::to_string(value);
  return "[" + list + "]";
}

std::string Literal(double value) {
  if (std::isnan(value)) return "float('nan')";
  if (std::isinf(value)) return value > 0 ? "float('inf')" : "float('-inf')";
  char text[40];
  std::snprintf(text, sizeof text, "%.17g", value);
  std::string literal = text;
  // "2" would be a whole number.
  if (literal.find_first_of(".e") == std::string::npos) literal += ".0";
  return literal;
}

std::string Literal(bool value) {
  return value ? "True" : "False";
}

int ScalarTypeCode(SlDataType type) {
  // In the order of SlDataType; c10/core/ScalarType.h, whose numbers are part of TorchScript's file format.
  constexpr std::array<int, 9> kCodes = {6, 5, 15, 1, 0, 3, 4, 7, 11};
  return kCodes.at(static_cast<size_t>(type));
}

void ProgramBuilder::AddInput(const kit::GraphValue& value) {
  const std::string name = "v" + std::to_string(value.index());
  parameters_ += ", " + name;
  names_[value.index()] = name;
}

std::string ProgramBuilder::Get(const kit::GraphValue& value) {
  if (const auto found = names_.find(value.index()); found != names_.end()) return found->second;
  std::string name = AddConstant(
      {.type = value.type(), .dims = {value.dims().begin(), value.dims().end()}, .data = value.data()});
  names_[value.index()] = name;
  return name;
}

bool ProgramBuilder::Has(const kit::GraphValue& value) const {
  return names_.contains(value.index());
}

void ProgramBuilder::Set(const kit::GraphValue& value, const std::string& expression) {
  const std::string name = "v" + std::to_string(value.index());
  Line(name + " = " + expression);
  names_[value.index()] = name;
}

std::string ProgramBuilder::Let(const std::string& expression) {
  std::string name = "t" + std::to_string(temporaries_++);
  Line(name + " = " + expression);
  return name;
}

std::string ProgramBuilder::AddConstant(Constant constant) {
  constant.name = "c" + std::to_string(program_.constants.size());
  if (constant.owned != nullptr) constant.data = constant.owned->data();
  program_.constants.push_back(std::move(constant));
  return "self." + program_.constants.back().name;
}

std::string ProgramBuilder::Floats(const Dims& dims, const std::vector<float>& values) {
  return AddConstant({.type = SL_F32, .dims = dims, .owned = BytesOf(values)});
}

std::string ProgramBuilder::Integers(const Dims& dims, const Dims& values) {
  return AddConstant({.type = SL_I64, .dims = dims, .owned = BytesOf(values)});
}

void ProgramBuilder::Line(const std::string& text) {
  body_ += "  " + text + "\n";
  ++lines_;
}

void ProgramBuilder::EnterLayer(std::string name, std::string type) {
  program_.layers.push_back({std::move(name), std::move(type), lines_ + 1, lines_});
}

void ProgramBuilder::LeaveLayer() {
  program_.layers.back().last_line = lines_;
}

Program ProgramBuilder::Finish(const std::vector<std::string>& outputs) {
  std::string list;
  for (const std::string& output : outputs) list += (list.empty() ? "" : ", ") + output;
  program_.source = "def forward(self" + parameters_ + "):\n" + body_ + "  return [" + list + "]\n";
  return std::move(program_);
}

}  // namespace sightline::torch_backend
