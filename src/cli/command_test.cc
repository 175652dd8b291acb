// Whole commands in memory, on the null backend.
#include "src/cli/command.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <onnx/onnx_pb.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "src/store/files.h"

namespace sightline::cli {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::json;
using ::testing::HasSubstr;

// Sets `stop`, as Ctrl-C would, at the read after `reads`; 0: never.
class StoppingClock final : public Clock {
 public:
  StoppingClock(std::atomic<bool>& stop, int64_t reads) : stop_(stop), reads_(reads) {}
  TimePoint Now() const override {
    if (reads_ != 0 && ++read_ > reads_) stop_ = true;
    return std::chrono::steady_clock::now();
  }

 private:
  std::atomic<bool>& stop_;
  const int64_t reads_;
  mutable std::atomic<int64_t> read_{0};
};

class CommandTest : public ::testing::Test {
 protected:
  void SetUp() override {
    folder_ = fs::temp_directory_path() / ("sightline_cli_" + std::to_string(getpid()));
    fs::create_directories(folder_);
  }
  void TearDown() override { fs::remove_all(folder_); }

  // The exit code; what was written is in out_ and err_.
  int Run(const std::vector<std::string>& arguments, int64_t stop_after_reads = 0) {
    std::atomic<bool> stop{false};
    const StoppingClock clock(stop, stop_after_reads);
    out_.str("");
    err_.str("");
    CliEnv env{.clock = clock, .out = out_, .err = err_, .stop = stop, .command_line = "sightline test"};
    return RunCommandLine(arguments, env);
  }
  // `run` of a small network on the test's pictures.
  int RunNull(std::vector<std::string> more, int64_t stop_after_reads = 0) {
    std::vector<std::string> arguments = {"run",     "-m",      "mobilenet_v1_0.25_128", "--backend", "null",
                                          "--quiet", "--input", "tests/data/pictures",   "--warm-up", "0s"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return Run(arguments, stop_after_reads);
  }
  std::string Write(const std::string& name, const std::string& text) const {
    std::ofstream(folder_ / name) << text;
    return (folder_ / name).string();
  }
  std::string Path(const std::string& name) const { return (folder_ / name).string(); }

  fs::path folder_;
  std::ostringstream out_;
  std::ostringstream err_;
};

TEST_F(CommandTest, AnInterruptedRunKeepsItsPartialResultAndExitsWith3) {
  EXPECT_EQ(RunNull({"--duration", "60s", "--json", "-"}, 10'500), kExitPartial) << err_.str();
  const Json result = Json::parse(out_.str());
  EXPECT_EQ(result["partial"], true);
  EXPECT_EQ(result["partial_reason"], "interrupted");
  EXPECT_GT(result["frames"], 0);
  EXPECT_THAT(err_.str(), HasSubstr("partial result kept: interrupted"));
}

TEST_F(CommandTest, TheReportOfAnInterruptedRunSaysThatItIsPartial) {
  EXPECT_EQ(RunNull({"--duration", "60s"}, 10'500), kExitPartial);
  EXPECT_THAT(out_.str(), HasSubstr("partial     interrupted"));
}

TEST_F(CommandTest, StrictMakesAWarningExitCode1) {
  EXPECT_EQ(RunNull({"--iterations", "3"}), kExitDone);
  EXPECT_THAT(out_.str(), HasSubstr("[few_samples]"));
  EXPECT_EQ(RunNull({"--iterations", "3", "--strict"}), kExitNegative);
}

TEST_F(CommandTest, AFailingRunLeavesNoFolders) {
  EXPECT_EQ(RunNull({"--iterations", "3", "--json", Path("new/r.json"), "-d", "cuda:0"}), kExitWrongUse);
  EXPECT_TRUE(fs::is_empty(folder_));
}

TEST_F(CommandTest, OneFileThatCannotBeWrittenCostsNoOther) {
  EXPECT_EQ(RunNull({"--iterations", "3", "--json", "/dev/full", "--csv", Path("r.csv"), "--records",
                     Path("records.csv")}),
            kExitWrongUse);
  EXPECT_THAT(err_.str(), HasSubstr("can't write /dev/full"));
  EXPECT_TRUE(fs::exists(Path("r.csv")));
  EXPECT_TRUE(fs::exists(Path("records.csv")));
  EXPECT_THAT(out_.str(), HasSubstr("end to end"));
}

// Notes whether `file` is there when the first text comes.
class WatchingBuffer final : public std::stringbuf {
 public:
  explicit WatchingBuffer(std::string file) : file_(std::move(file)) {}
  std::optional<bool> was_there() const { return was_there_; }

 protected:
  std::streamsize xsputn(const char* text, std::streamsize size) override {
    if (!was_there_) was_there_ = fs::exists(file_);
    return std::stringbuf::xsputn(text, size);
  }

 private:
  const std::string file_;
  std::optional<bool> was_there_;
};

// `sightline run ... | head` ends the program by SIGPIPE.
TEST_F(CommandTest, FilesAreThereBeforeTheReport) {
  WatchingBuffer buffer(Path("r.json"));
  static_cast<std::ostream&>(out_).rdbuf(&buffer);
  EXPECT_EQ(RunNull({"--iterations", "3", "--json", Path("r.json")}), kExitDone) << err_.str();
  static_cast<std::ostream&>(out_).rdbuf(out_.rdbuf());
  EXPECT_EQ(buffer.was_there(), true);
}

TEST_F(CommandTest, OneFileIsNotWrittenTwice) {
  fs::create_directory_symlink(folder_, Path("link"));
  EXPECT_EQ(RunNull({"--iterations", "3", "--raw", Path("x"), "--records", Path("link/x")}), kExitWrongUse);
  EXPECT_THAT(err_.str(), HasSubstr("--records and --raw both name "));
  EXPECT_EQ(RunNull({"--iterations", "3", "--csv", "/dev/null", "--records", "/dev/null"}), kExitDone)
      << err_.str();
}

TEST_F(CommandTest, OutputThatCannotBeWrittenIsNoSuccess) {
  out_.setstate(std::ios::badbit);
  EXPECT_EQ(Run({"models", "--help"}), kExitWrongUse);
  EXPECT_THAT(err_.str(), HasSubstr("standard output could not be written"));
}

TEST_F(CommandTest, LabelsNameTheClasses) {
  std::string names;
  for (int i = 0; i < 1001; ++i) names += "name, " + std::to_string(i) + "\n";
  const std::string labels = Write("labels.txt", names);
  ASSERT_EQ(RunNull({"--iterations", "8", "--labels", labels, "--records", Path("records.csv"), "--json",
                     Path("r.json")}),
            kExitDone)
      << err_.str();
  const Json pictures = Json::parse(store::ReadFile(Path("r.json")).value())["pictures"];
  ASSERT_EQ(pictures.size(), 4u) << "each picture once";
  EXPECT_EQ(pictures[0]["picture"], "astronaut.jpg");
  EXPECT_EQ(pictures[0]["label"], "name, " + std::to_string(pictures[0]["class"].get<int>()));
  EXPECT_THAT(out_.str(), HasSubstr("top-1       astronaut.jpg: name, "));
  EXPECT_THAT(store::ReadFile(Path("records.csv")).value(), HasSubstr(",\"name, "));
}

TEST_F(CommandTest, LabelsThatDoNotFitAreRefused) {
  EXPECT_EQ(RunNull({"--iterations", "3", "--labels", Write("labels.txt", "cat\ndog\n")}), kExitWrongUse);
  EXPECT_THAT(err_.str(), HasSubstr("2 class names for 1001 classes"));
}

// A network of one layer, written to a file.
std::string OneLayer(const std::string& path, const std::string& op_type, int64_t channels) {
  onnx::ModelProto model;
  model.set_ir_version(7);
  model.add_opset_import()->set_version(10);
  onnx::GraphProto& graph = *model.mutable_graph();
  graph.set_name("one");
  const auto describe = [&](onnx::ValueInfoProto& value, const char* name) {
    value.set_name(name);
    auto& type = *value.mutable_type()->mutable_tensor_type();
    type.set_elem_type(onnx::TensorProto::FLOAT);
    for (const int64_t dim : {int64_t{1}, channels, int64_t{8}, int64_t{8}})
      type.mutable_shape()->add_dim()->set_dim_value(dim);
  };
  describe(*graph.add_input(), "x");
  describe(*graph.add_output(), "y");
  onnx::NodeProto& node = *graph.add_node();
  node.set_name("layer");
  node.set_op_type(op_type);
  node.add_input("x");
  node.add_output("y");
  std::ofstream(path, std::ios::binary) << model.SerializeAsString();
  return path;
}

// All 192 scores of the null backend are 0: as logits they are 1/192 each, as probabilities 0.
TEST_F(CommandTest, WhetherAFilesScoresAreLogitsIsReadFromItsGraph) {
  const auto score = [&](const char* op_type) {
    const std::string model = OneLayer(Path(std::string(op_type) + ".onnx"), op_type, 3);
    EXPECT_EQ(Run({"run", "-m", model, "--backend", "null", "--quiet", "--iterations", "3", "--warm-up", "0s",
                   "--json", "-"}),
              kExitDone)
        << err_.str();
    return Json::parse(out_.str())["pictures"][0]["score"].get<double>();
  };
  EXPECT_NEAR(score("Relu"), 1.0 / 192, 1e-6);
  EXPECT_EQ(score("Softmax"), 0);
}

TEST_F(CommandTest, ModelsCountsANetworkThatTakesNoPicture) {
  const std::string model = OneLayer(Path("sound.onnx"), "Relu", 1);
  EXPECT_EQ(Run({"models", model}), kExitDone) << err_.str();
  EXPECT_THAT(out_.str(), HasSubstr("task: not known"));
  EXPECT_EQ(Run({"models", model, "--json"}), kExitDone);
  const Json shown = Json::parse(out_.str());
  EXPECT_EQ(shown["macs"], 0);
  EXPECT_FALSE(shown.contains("task"));
  EXPECT_EQ(Run({"run", "-m", model, "--backend", "null"}), kExitWrongUse);
  EXPECT_THAT(err_.str(), HasSubstr("3 channels"));
}

// The null backend's scores are all 0, whose logarithm is not finite.
TEST_F(CommandTest, VerifySaysWhatIsNotFinite) {
  EXPECT_EQ(Run({"verify", "-m", "squeezenet_1.1", "--backend", "null,null", "--input",
                 "tests/data/pictures/astronaut.jpg"}),
            kExitNegative)
      << err_.str();
  EXPECT_THAT(out_.str(), HasSubstr("not finite"));
  EXPECT_EQ(Run({"verify", "-m", "squeezenet_1.1", "--backend", "null,null", "--json", "--input",
                 "tests/data/pictures/astronaut.jpg"}),
            kExitNegative);
  const Json row = Json::parse(out_.str())[0];
  EXPECT_EQ(row["finite"], false);
  EXPECT_EQ(row["agree"], false);
  EXPECT_FALSE(row.contains("softmax_difference_max"));
  EXPECT_EQ(row["pictures"], 1) << "there is one picture, whatever --pictures says";
}

TEST_F(CommandTest, VerifyPrintsWhatIsDoneWhenAModelFails) {
  EXPECT_EQ(Run({"verify", "-m", "squeezenet_1.1,no_such_net,mobilenet_v1_0.25_128", "--backend", "null,null",
                 "--pictures", "1"}),
            kExitPartial);
  EXPECT_THAT(out_.str(), HasSubstr("squeezenet_1.1"));
  EXPECT_THAT(out_.str(), HasSubstr("mobilenet_v1_0.25_128"));
  EXPECT_THAT(err_.str(), HasSubstr("sightline verify: 'no_such_net' is neither"));
}

TEST_F(CommandTest, MemoryThatIsNotThereIsASentence) {
  EXPECT_EQ(RunNull({"--iterations", "3", "-b", "100000000"}), kExitWrongUse);
  EXPECT_THAT(err_.str(), HasSubstr("--batch is 100000000"));
  EXPECT_EQ(RunNull({"--iterations", "3", "--threads", "100000"}), kExitWrongUse);
  EXPECT_THAT(err_.str(), HasSubstr("--threads is 100000; this machine has"));
}

}  // namespace
}  // namespace sightline::cli
