// Every backend in one process, whatever the order they are loaded in, beside the host's own protobuf. A
// framework that brings its own protobuf, abseil or gRPC crashes or computes nonsense when its symbols meet
// others; docs/architecture.md says how the launcher keeps them apart.
#include <dlfcn.h>
#include <fcntl.h>
#include <gmock/gmock.h>
#include <google/protobuf/stubs/common.h>
#include <gtest/gtest.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>
#include <thread>

#include "backends/conformance/harness.h"
#include "src/base/text.h"

extern char** environ;

namespace sightline::conformance {
namespace {

namespace fs = std::filesystem;

constexpr const char* kOrderVariable = "SIGHTLINE_ISOLATION_ORDER";

std::vector<std::string> BuiltNames() {
  std::vector<std::string> names;
  for (const backend::BackendEntry& entry : BuiltBackends()) names.push_back(entry.name);
  return names;
}

// The order the parent asked for, else that of FindBackends.
std::vector<std::string> Order() {
  const char* order = std::getenv(kOrderVariable);
  return order == nullptr ? BuiltNames() : Split(order, ',');
}

// Writes, reads and compares a ModelProto with the protobuf this program is linked to.
void UseOwnProtobuf() {
  const onnx::ModelProto& model = Mixed().model;
  std::string bytes;
  ASSERT_TRUE(model.SerializeToString(&bytes));
  onnx::ModelProto copy;
  ASSERT_TRUE(copy.ParseFromString(bytes));
  EXPECT_EQ(copy.graph().node_size(), model.graph().node_size());
  EXPECT_EQ(copy.SerializeAsString(), bytes);
  EXPECT_FALSE(copy.ParseFromString("this is no model"));
}

// One backend with a network loaded.
struct Loaded {
  std::shared_ptr<backend::Backend> backend;
  std::shared_ptr<backend::Engine> engine;
  std::unique_ptr<backend::Instance> instance;

  void Run(uint64_t seed) const {
    SCOPED_TRACE(backend->info().name);
    RunAndCheck(*instance, engine->info(), Mixed(), QuirksOf(backend->info().name), 1, seed);
  }
};

Loaded LoadOne(const std::string& name) {
  auto backend = Must(backend::Backend::Load(name));
  auto engine = Must(backend->CreateEngine({"mixed", &Mixed().network, {}}, OnItsDevice(QuirksOf(name), {})));
  auto instance = Must(engine->CreateInstance());
  return {std::move(backend), std::move(engine), std::move(instance)};
}

TEST(IsolationInOneProcess, EveryBackendLoadsAndComputesBesideTheOthers) {
  std::vector<Loaded> all;
  for (const std::string& name : Order()) {
    UseOwnProtobuf();
    all.push_back(LoadOne(name));
    for (const Loaded& loaded : all) loaded.Run(all.size());
  }
  UseOwnProtobuf();
}

TEST(IsolationInOneProcess, BackendsAndProtobufRunSideBySide) {
  std::vector<Loaded> all;
  for (const std::string& name : Order()) all.push_back(LoadOne(name));
  std::atomic<bool> done = false;
  std::thread protobuf([&] {
    while (!done) UseOwnProtobuf();
  });
  std::vector<std::thread> threads;
  for (const Loaded& loaded : all) {
    threads.emplace_back([&loaded] {
      for (uint64_t seed = 0; seed < 10; ++seed) loaded.Run(seed);
    });
  }
  for (std::thread& thread : threads) thread.join();
  done = true;
  protobuf.join();
}

// The rotations of the list and of its reverse: every backend comes first once, and every pair in both
// orders.
std::set<std::vector<std::string>> Orders() {
  std::set<std::vector<std::string>> orders;
  std::vector<std::string> names = BuiltNames();
  for (int direction = 0; direction < 2; ++direction) {
    for (size_t i = 0; i < names.size(); ++i) {
      orders.insert(names);
      std::rotate(names.begin(), names.begin() + 1, names.end());
    }
    std::reverse(names.begin(), names.end());
  }
  return orders;
}

std::string ReadAll(const fs::path& file) {
  std::ostringstream text;
  text << std::ifstream(file).rdbuf();
  return text.str();
}

// Runs this program's IsolationInOneProcess tests in a new process; what they printed goes to `log`.
int RunInOrder(const std::string& order, const fs::path& log) {
  std::string filter = "--gtest_filter=IsolationInOneProcess.*";
  std::string self = fs::read_symlink("/proc/self/exe").string();
  std::array<char*, 3> arguments = {self.data(), filter.data(), nullptr};
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, log.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
  posix_spawn_file_actions_adddup2(&actions, STDOUT_FILENO, STDERR_FILENO);
  setenv(kOrderVariable, order.c_str(), 1);
  pid_t child = 0;
  const int error = posix_spawn(&child, self.c_str(), &actions, nullptr, arguments.data(), environ);
  unsetenv(kOrderVariable);
  posix_spawn_file_actions_destroy(&actions);
  int status = -1;
  if (error == 0) waitpid(child, &status, 0);
  return status;
}

TEST(Isolation, EveryOrderOfLoadingWorksInAFreshProcess) {
  const fs::path log =
      fs::path(testing::TempDir()) / ("sightline_isolation_" + std::to_string(getpid()) + ".log");
  for (const std::vector<std::string>& names : Orders()) {
    const std::string order = Join(names, ",");
    const int status = RunInOrder(order, log);
    EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0) << order << ":\n" << ReadAll(log);
    EXPECT_THAT(ReadAll(log), testing::HasSubstr("[  PASSED  ] 2 tests.")) << order;
  }
  fs::remove(log);
}

// The libraries the loader maps for `program` before its main runs: its global symbol scope.
std::string GlobalScopeOf(const std::string& program) {
  const std::string command = "LD_TRACE_LOADED_OBJECTS=1 '" + program + "'";
  FILE* pipe = popen(command.c_str(), "r");
  if (pipe == nullptr) return "";
  std::string text;
  std::array<char, 512> line{};
  while (fgets(line.data(), line.size(), pipe) != nullptr) text += line.data();
  pclose(pipe);
  return text;
}

class GlobalScope : public testing::TestWithParam<const char*> {};

TEST_P(GlobalScope, HoldsNothingAFrameworkCouldTripOver) {
  const std::string libraries = GlobalScopeOf(GetParam());
  EXPECT_THAT(libraries, testing::HasSubstr("libc.so"));  // the listing worked
  for (const char* clashing :
       {"protobuf", "grpc", "absl", "onnx", "tensorflow", "opencv", "tbb", "sightline"}) {
    EXPECT_THAT(libraries, testing::Not(testing::HasSubstr(std::string("lib") + clashing))) << GetParam();
  }
}
INSTANTIATE_TEST_SUITE_P(Programs, GlobalScope, testing::Values(SIGHTLINE_LAUNCHED_PROGRAMS));

TEST(Isolation, OurProtobufIsThereAndInvisible) {
  Dl_info ours{};
  const auto function = reinterpret_cast<const void*>(&google::protobuf::ShutdownProtobufLibrary);
  ASSERT_NE(dladdr(function, &ours), 0);
  EXPECT_THAT(ours.dli_fname, testing::HasSubstr("libprotobuf.so"));
  ASSERT_NE(ours.dli_sname, nullptr);
  EXPECT_EQ(dlsym(dlopen(nullptr, RTLD_NOW), ours.dli_sname), nullptr);
}

}  // namespace
}  // namespace sightline::conformance
