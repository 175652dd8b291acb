// docs/operators.md says which ONNX operators each backend translates; here it is held to the backends
// themselves. SIGHTLINE_UPDATE_GOLDEN=1 writes it anew, from all backends that were built.
#include <dlfcn.h>
#include <gtest/gtest.h>
#include <onnx/defs/schema.h>

#include <array>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "backends/conformance/harness.h"
#include "include/sightline/backend_abi.h"

namespace sightline::conformance {
namespace {

constexpr int kOpset = 17;
// Those that translate a graph; others hand ONNX to their framework, whose importer knows what it can.
constexpr std::array<const char*, 2> kTranslators = {"tensorflow", "torch"};

// Of ONNX's default domain at the highest opset that backends read.
std::set<std::string> OnnxOperators() {
  std::set<std::string> names;
  for (const onnx::OpSchema& schema : onnx::OpSchemaRegistry::get_all_schemas_with_history()) {
    if (schema.domain() == onnx::ONNX_DOMAIN && schema.SinceVersion() <= kOpset) names.insert(schema.Name());
  }
  return names;
}

// A backend's own table, without the host between.
const SlBackend* TableOf(const std::string& name) {
  for (const backend::BackendEntry& entry : BuiltBackends()) {
    if (entry.name != name) continue;
    void* library = dlopen(entry.library.c_str(), RTLD_NOW | RTLD_LOCAL);
    auto* symbol = reinterpret_cast<SlEntryPoint>(dlsym(library, SL_ENTRY_POINT));
    SlError error{};
    return symbol(SL_ABI_VERSION, &error);
  }
  return nullptr;
}

// A backend names every operator it does not know before it builds anything. So it is given a graph of
// `op_type` and of an operator that nobody has: if it complains of that one alone, it knows the other.
bool Translates(const SlBackend& table, const std::string& op_type) {
  std::array<SlNode, 2> nodes{};
  nodes[0].name = "asked";
  nodes[0].op_type = op_type.c_str();
  nodes[1].name = "unknown";
  nodes[1].op_type = "NobodyHasThis";
  const SlGraph graph = {sizeof(SlGraph), "graph", kOpset,  nullptr, 0, nodes.data(), 2,
                         nullptr,         0,       nullptr, 0};
  SlModel model{};
  model.struct_size = sizeof model;
  model.kind = SL_MODEL_GRAPH;
  model.name = "question";
  model.graph = &graph;
  SlEngineOptions options{};
  options.struct_size = sizeof options;
  options.device = "cpu";
  options.max_batch = 1;
  options.instance_count = 1;
  SlEngine* engine = nullptr;
  SlError error{};
  EXPECT_EQ(table.engine_create(&model, &options, &engine, &error), SL_UNSUPPORTED) << error.message;
  EXPECT_NE(std::strstr(error.message, "NobodyHasThis"), nullptr) << error.message;
  return std::strstr(error.message, "'asked'") == nullptr;
}

// Per backend that was built, the operators it translates.
std::map<std::string, std::set<std::string>> Translated() {
  std::map<std::string, std::set<std::string>> operators;
  for (const char* name : kTranslators) {
    const SlBackend* table = TableOf(name);
    if (table == nullptr) continue;
    for (const std::string& op_type : OnnxOperators()) {
      if (Translates(*table, op_type)) operators[name].insert(op_type);
    }
  }
  return operators;
}

std::filesystem::path Page() {
  const char* sources = std::getenv("SIGHTLINE_SOURCE_DIR");  // CTest says it
  return std::filesystem::path(sources == nullptr ? "." : sources) / "docs" / "operators.md";
}

std::string Mark(const std::set<std::string>& operators, const std::string& op_type) {
  return operators.contains(op_type) ? " yes |" : " |";
}

void Write(const std::map<std::string, std::set<std::string>>& translated) {
  std::ofstream page(Page());
  page << "# Operators\n\n"
          "ONNX operators that a backend translates into its framework's own, at opsets 7 to 17. Made by the "
          "test\n"
          "`conformance_test` from what the backends say of themselves (`SIGHTLINE_UPDATE_GOLDEN=1` writes "
          "it anew). A\n"
          "network with any other operator is refused with its name and its layers; limits of an operator "
          "(\"only mode\n"
          "DCR is supported\") are told the same way, and those that ONNX's own tests meet are listed in\n"
          "`backends/*/tests/onnx_exceptions.cc`. OpenCV reads ONNX itself, so what it knows is OpenCV's to "
          "say. Constants,\n"
          "and whatever is computed from constants alone, are folded on the host and need no operator.\n\n| "
          "operator |";
  for (const char* name : kTranslators) page << " " << name << " |";
  page << "\n|---|" << (kTranslators.size() == 2 ? "---|---|" : "") << "\n";
  for (const std::string& op_type : OnnxOperators()) {
    std::string row;
    for (const char* name : kTranslators) row += Mark(translated.at(name), op_type);
    if (row.find("yes") != std::string::npos) page << "| " << op_type << " |" << row << "\n";
  }
}

// The columns of the page's table, by backend: which operators have a "yes".
std::map<std::string, std::set<std::string>> Read() {
  std::map<std::string, std::set<std::string>> columns;
  std::ifstream page(Page());
  for (std::string line; std::getline(page, line);) {
    std::istringstream cells(line);
    std::string cell;
    std::vector<std::string> row;
    while (std::getline(cells, cell, '|')) row.push_back(cell);
    if (row.size() < 2 + kTranslators.size() || row[1].size() < 3) continue;
    const std::string op_type = row[1].substr(1, row[1].size() - 2);
    for (size_t i = 0; i < kTranslators.size(); ++i) {
      if (row[i + 2] == " yes ") columns[kTranslators[i]].insert(op_type);
    }
  }
  return columns;
}

TEST(OperatorsPage, SaysWhatTheBackendsTranslate) {
  const auto translated = Translated();
  if (std::getenv("SIGHTLINE_UPDATE_GOLDEN") != nullptr && translated.size() == kTranslators.size()) {
    Write(translated);
  }
  const auto written = Read();
  for (const auto& [name, operators] : translated) {
    ASSERT_TRUE(written.contains(name)) << name << " is not in " << Page();
    EXPECT_EQ(written.at(name), operators) << name << "; SIGHTLINE_UPDATE_GOLDEN=1 writes the page anew";
  }
}

}  // namespace
}  // namespace sightline::conformance
