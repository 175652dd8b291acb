// The main job, as a user runs it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <nlohmann/json.hpp>

#include "src/store/record_file.h"
#include "tests/end_to_end/program.h"

namespace sightline::end_to_end {
namespace {

using ::testing::HasSubstr;
using Json = nlohmann::json;

const std::string kPictures = " --input tests/data/pictures";

Json RunToJson(const std::string& arguments) {
  const Finished f = RunProgram("run " + arguments + " --quiet --json -");
  EXPECT_EQ(f.exit_code, 0) << f.err;
  return Json::parse(f.out, nullptr, false);
}

TEST(Run, KnownServiceTimeIsMeasured) {
  // Too few batches for a changepoint, which a busy machine would otherwise leave out the frames before.
  const Json r = RunToJson("-m mobilenet_v1_0.25_128 --backend null -b 2 --iterations 29 --warm-up 0s" +
                           kPictures + " --option delay_us=5000 --option delay_mode=spin");
  EXPECT_EQ(r["frames"], 58);
  EXPECT_EQ(r["batches"], 29);
  EXPECT_EQ(r["stages"]["infer"]["count"], 29);
  EXPECT_EQ(r["stages"]["decode"]["count"], 58);
  EXPECT_EQ(r["steady_state"]["verdict"], "too short");
  EXPECT_GE(r["stages"]["infer"]["latency_ns_min"], 5'000'000);
  // A frame's latency covers its batch's inference, and the wait for the other frame.
  EXPECT_GE(r["latency_ns_min"], r["stages"]["infer"]["latency_ns_min"]);
  // 2 frames in at least 5 ms.
  EXPECT_LE(r["infer_throughput_per_s"], 400);
  EXPECT_LE(r["throughput_per_s"], r["infer_throughput_per_s"]);
  // On a busy machine latencies can depend on each other so much that 58 frames support no median: then there
  // is none of the three, never one without the others.
  EXPECT_EQ(r.contains("latency_ns_p50"), r.contains("latency_ns_p50_low"));
  EXPECT_EQ(r.contains("latency_ns_p50"), r.contains("latency_ns_p50_high"));
  EXPECT_LE(r.value("latency_ns_p50_low", 0.0), r.value("latency_ns_p50", 0.0));
  EXPECT_LE(r.value("latency_ns_p50", 0.0), r.value("latency_ns_p50_high", 0.0));
  EXPECT_FALSE(r.contains("latency_ns_p99_9")) << "58 frames support no p99.9";
  EXPECT_GT(r["cold_start"]["first_inference_ns"], 5'000'000);
  EXPECT_GT(r["cold_start"]["instance_create_ns"], 0);
}

TEST(Run, EndsOnceTheThroughputIsKnownWellEnough) {
  const std::string run = "-m mobilenet_v1_0.25_128 --backend null --warm-up 0s --duration 5min" + kPictures +
                          " --stop-quantity throughput_per_s";
  const Json r = RunToJson(run + " --stop-half-width 90%");
  EXPECT_EQ(r["goal_reached"], true);
  EXPECT_EQ(r["manifest"]["limits"]["stop"]["quantity"], "throughput_per_s");
  EXPECT_EQ(r["manifest"]["limits"]["duration_ns"], 300'000'000'000);
  const Json capped = RunToJson(run + " --stop-half-width 0.0001% --iterations 50");
  EXPECT_EQ(capped["goal_reached"], false);
  const auto& findings = capped["findings"];
  EXPECT_TRUE(std::any_of(findings.begin(), findings.end(), [](const Json& finding) {
    return finding["name"] == "precision_not_reached";
  })) << findings;
}

TEST(Run, FrameworksSayNothingOnStderr) {
  const Finished f = RunProgram(
      "run -m mobilenet_v1_0.25_128 --backend tensorflow --threads 1 --iterations 5 "
      "--warm-up 0s" +
      kPictures);
  EXPECT_EQ(f.exit_code, 0) << f.err;
  for (const char* word : {"WARNING", "oneDNN", "0000 "}) EXPECT_THAT(f.err, testing::Not(HasSubstr(word)));
}

TEST(Run, EveryBackendMeasuresRealPictures) {
  for (const std::string backend : {"tensorflow", "opencv"}) {
    const Json r = RunToJson("-m mobilenet_v1_0.25_128 --backend " + backend +
                             " --threads 1 --iterations 20 --warm-up 0s" + kPictures);
    EXPECT_EQ(r["manifest"]["backend"]["name"], backend);
    EXPECT_EQ(r["manifest"]["backend"]["precision_run"], "fp32");
    EXPECT_EQ(r["outcomes"], Json({{"ok", 20}}));
    // TensorFlow's half a gigabyte, opened by the first engine, counts as opening the framework.
    if (backend == "tensorflow") {
      EXPECT_GT(r["cold_start"]["backend_load_ns"], 20'000'000);
    }
    EXPECT_GT(r["stages"]["infer.compute"]["latency_ns_mean"], 0);
    EXPECT_GT(r["throughput_per_s"], 0);
  }
}

TEST(Run, AFolderNamedInLatin1CostsNothing) {
  const TemporaryFolder folder;
  const std::string pictures = folder / "caf\xE9";
  std::filesystem::create_directory(pictures);
  std::filesystem::copy_file("tests/data/pictures/coffee.jpg", pictures + "/coffee.jpg");
  const Json r =
      RunToJson("-m mobilenet_v1_0.25_128 --backend null --iterations 3 --warm-up 0s --input " + pictures);
  EXPECT_THAT(r["manifest"]["input_description"].get<std::string>(), HasSubstr("caf\uFFFD"));
  const Finished table = RunProgram(
      "run -m mobilenet_v1_0.25_128 --backend null --iterations 3 --warm-up 0s --quiet --input " + pictures);
  EXPECT_EQ(table.exit_code, 0) << table.err;
}

// Decoding a large collection before measuring would take longer than the run.
TEST(Run, ChecksTheFirstPicturesAndSaysSo) {
  const TemporaryFolder folder;
  const std::string picture = std::filesystem::absolute("tests/data/pictures/chelsea.png");
  for (int i = 0; i < 500; ++i) {
    std::filesystem::create_symlink(picture, folder / ("a" + std::to_string(1000 + i) + ".png"));
  }
  std::ofstream(folder / "b.png") << "not reached";
  const Finished f =
      RunProgram("run -m mobilenet_v1_0.25_128 --backend null --iterations 3 --warm-up 0s --input " +
                 folder.path().string());
  EXPECT_EQ(f.exit_code, 0) << f.err;
  EXPECT_THAT(f.err, HasSubstr("checking 500 of 501 pictures"));
}

TEST(Run, RecordsAndCsvAndTableAgree) {
  const TemporaryFolder folder;
  const Finished f = RunProgram("run -m squeezenet_1.1 --backend null --iterations 10 --warm-up 0s --quiet" +
                                kPictures + " --json " + (folder / "r.json") + " --csv " +
                                (folder / "r.csv") + " --records " + (folder / "records.csv"));
  ASSERT_EQ(f.exit_code, 0) << f.err;
  EXPECT_THAT(f.out, HasSubstr("squeezenet_1.1"));
  EXPECT_THAT(f.out, HasSubstr("cold start"));
  EXPECT_THAT(f.out, HasSubstr("end to end"));
  const std::string records = Contents(folder / "records.csv");
  EXPECT_THAT(records, HasSubstr("infer_begin_ns,infer_end_ns"));
  size_t measured = 0;
  for (size_t at = records.find(",measure,"); at != std::string::npos; at = records.find(",measure,", at + 1))
    ++measured;
  EXPECT_EQ(measured, 10u);
  EXPECT_EQ(Json::parse(Contents(folder / "r.json"))["frames"], 10);
  EXPECT_THAT(Contents(folder / "r.csv"), HasSubstr("end_to_end,10,"));
  const Finished shown = RunProgram("show " + (folder / "r.json") + " " + (folder / "r.json"));
  EXPECT_EQ(shown.exit_code, 0);
  EXPECT_THAT(shown.out, HasSubstr("squeezenet_1.1  null"));
}

TEST(Run, PackedRecordsAreWrittenWhileMeasuring) {
  const TemporaryFolder folder;
  const Finished f = RunProgram("run -m squeezenet_1.1 --backend null --iterations 10 --warm-up 0s --quiet" +
                                kPictures + " --json " + (folder / "r.json") + " --raw " + (folder / "raw"));
  ASSERT_EQ(f.exit_code, 0) << f.err;
  int measured = 0;
  const auto complete = store::ForEachRecordInFile(
      folder / "raw", [&](const RequestRecord& record, std::span<const StageSpan>) {
        measured += record.phase == Phase::kMeasure ? 1 : 0;
      });
  ASSERT_TRUE(complete.ok()) << complete.error().message();
  EXPECT_TRUE(*complete);
  EXPECT_EQ(measured, 10);
}

// The null backend's outputs don't depend on the picture, and that is said.
TEST(Run, ConstantOutputsAreAFinding) {
  const Json r = RunToJson("-m mobilenet_v1_0.25_128 --backend null --iterations 3 --warm-up 0s" + kPictures);
  EXPECT_EQ(r["outputs"]["pictures"], 2);
  EXPECT_EQ(r["outputs"]["constant"], true);
  EXPECT_THAT(r["findings"].dump(), HasSubstr("\"outputs_constant\""));
  EXPECT_THAT(r["findings"].dump(), HasSubstr("docs/measuring.md#outputs_constant"));
  const Json real =
      RunToJson("-m mobilenet_v1_0.25_128 --backend opencv --iterations 3 --warm-up 0s" + kPictures);
  EXPECT_EQ(real["outputs"]["constant"], false);
  EXPECT_EQ(real["outputs"]["not_finite"], 0);
}

// Nobody can say of a network that it ignores its input who has shown it one picture only.
TEST(Run, OnePictureTwiceIsNoConstantOutput) {
  const TemporaryFolder folder;
  for (const char* name : {"a.jpg", "b.jpg"}) {
    std::filesystem::copy_file("tests/data/pictures/coffee.jpg", folder / name);
  }
  const Json r = RunToJson("-m mobilenet_v1_0.25_128 --backend null --iterations 3 --warm-up 0s --input " +
                           folder.path().string());
  EXPECT_EQ(r["outputs"]["pictures"], 1);
  EXPECT_EQ(r["outputs"]["constant"], false);
}

TEST(Run, MultiStreamReportsQueries) {
  const Json r = RunToJson(
      "-m mobilenet_v1_0.25_128 --backend null --instances 2 --scenario multi-stream "
      "--frames-per-query 6 -b 2 --iterations 8 --warm-up 0s" +
      kPictures);
  EXPECT_EQ(r["frames"], 48);
  EXPECT_EQ(r["query"]["count"], 8);
  EXPECT_GE(r["query"]["latency_ns_min"], r["latency_ns_min"]);
}

TEST(Run, MoreThreadsThanCoresIsAFindingNotAnError) {
  const Json r = RunToJson(
      "-m mobilenet_v1_0.25_128 --backend opencv --threads 64 --iterations 3 --warm-up 0s" + kPictures);
  bool found = false;
  for (const Json& finding : r["findings"]) found = found || finding["name"] == "more_threads_than_cores";
  EXPECT_TRUE(found) << r["findings"].dump();
}

TEST(Run, AVideoIsAnInput) {
  const Json r = RunToJson(
      "-m mobilenet_v1_0.25_128 --backend null --iterations 20 --warm-up 0s "
      "--input /usr/share/doc/opencv-doc/examples/data/vtest.avi");
  EXPECT_EQ(r["frames"], 20);
  EXPECT_FALSE(r["stages"].contains("decode")) << "a video's frames come decoded";
}

TEST(Run, AFullDiskIsNoSuccess) {
  const char* binary = std::getenv("SIGHTLINE_BINARY");
  ASSERT_NE(binary, nullptr);
  const std::string command =
      std::string(binary) +
      " run -m mobilenet_v1_0.25_128 --backend null --iterations 3 --warm-up 0s --quiet "
      "--json - >/dev/full 2>/dev/null" +
      kPictures;
  EXPECT_EQ(WEXITSTATUS(std::system(command.c_str())), 2);
}

// `ulimit -f` sends a signal that ends programs.
TEST(Run, ADiskThatFillsUpKeepsWhatWasMeasured) {
  const TemporaryFolder folder;
  const char* binary = std::getenv("SIGHTLINE_BINARY");
  ASSERT_NE(binary, nullptr);
  const auto run = [&](const std::string& arguments) {
    const std::string command =
        "ulimit -f 1; " + std::string(binary) +
        " run -m mobilenet_v1_0.25_128 --backend null --iterations 300 --quiet --raw " + (folder / "raw") +
        kPictures + " " + arguments + " >/dev/null 2>" + (folder / "err");
    return WEXITSTATUS(std::system(command.c_str()));
  };
  EXPECT_EQ(run("--warm-up 0s"), 3);
  EXPECT_THAT(Contents(folder / "err"), HasSubstr("partial result kept: can't write "));
  // Full before anything was measured: the file and its trouble are named all the same.
  EXPECT_EQ(run("--warm-up 5min"), 2);
  EXPECT_THAT(Contents(folder / "err"), HasSubstr("raw: File too large"));
}

TEST(Run, AnInterruptedRunKeepsWhatItMeasured) {
  const TemporaryFolder folder;
  const std::string json = folder / "r.json";
  // `timeout` sends SIGINT after 3 seconds to a run that would take a minute.
  const char* binary = std::getenv("SIGHTLINE_BINARY");
  ASSERT_NE(binary, nullptr);
  const std::string command =
      std::string("timeout --preserve-status -s INT 3 ") + binary +
      " run -m mobilenet_v1_0.25_128 --backend null --option delay_us=1000 --duration 60s "
      "--warm-up 0s --quiet --json " +
      json + kPictures + " >/dev/null 2>" + (folder / "err");
  const int status = std::system(command.c_str());
  EXPECT_EQ(WEXITSTATUS(status), 3);
  const Json r = Json::parse(Contents(json));
  EXPECT_EQ(r["partial"], true);
  EXPECT_EQ(r["partial_reason"], "interrupted");
  EXPECT_GT(r["frames"], 100);
  EXPECT_THAT(Contents(folder / "err"), HasSubstr("partial result kept: interrupted"));
}

TEST(Models, ListsTheContractsFields) {
  const Finished f = RunProgram("models --json");
  ASSERT_EQ(f.exit_code, 0) << f.err;
  const Json list = Json::parse(f.out);
  const std::vector<std::string> expected = {"mobilenet_v1_1.0_224", "inception_v4", "resnet50_v1",
                                             "densenet121", "squeezenet_1.1"};
  for (const std::string& name : expected) {
    const auto found =
        std::find_if(list.begin(), list.end(), [&](const Json& m) { return m["name"] == name; });
    ASSERT_NE(found, list.end()) << name;
    for (const char* field : {"task", "input", "parameters", "macs", "source"}) {
      EXPECT_TRUE(found->contains(field)) << name << " " << field;
    }
    EXPECT_EQ((*found)["task"], "classification");
  }
}

TEST(Models, ExportedNetworksRunAsFiles) {
  const TemporaryFolder folder;
  const std::string path = folder / "net.onnx";
  ASSERT_EQ(RunProgram("models mobilenet_v1_0.25_128 --export " + path).exit_code, 0);
  const Json r = RunToJson("-m " + path + " --backend opencv -b 2 --iterations 3 --warm-up 0s" + kPictures);
  EXPECT_EQ(r["manifest"]["model"]["name"], "net.onnx");
  EXPECT_EQ(r["frames"], 6);
  EXPECT_EQ(r["findings"].back()["name"], "preprocessing_assumed");
}

TEST(Doctor, SaysWhatIsHereAndHowToGetTheRest) {
  const Finished f = RunProgram("doctor");
  EXPECT_EQ(f.exit_code, 0) << f.err;
  EXPECT_THAT(f.out, HasSubstr("OpenCV DNN 4."));
  EXPECT_THAT(f.out, HasSubstr("TensorFlow 2."));
  EXPECT_THAT(f.out, HasSubstr("openvino"));
  EXPECT_THAT(f.out, HasSubstr("timer"));
  const Json json = Json::parse(RunProgram("doctor --json").out);
  EXPECT_GE(json["clock_resolution_ns"], 1);
  EXPECT_FALSE(json["machine"]["cpu_model"].get<std::string>().empty());
}

TEST(Verify, AgreeingBackendsGiveExitCode0) {
  const Finished f =
      RunProgram("verify -m mobilenet_v1_0.25_128 --backend opencv,tensorflow --input tests/data/pictures");
  EXPECT_EQ(f.exit_code, 0) << f.out << f.err;
  EXPECT_THAT(f.out, HasSubstr("agree"));
}

TEST(Verify, ABackendThatComputesNothingDisagrees) {
  const Finished f =
      RunProgram("verify -m mobilenet_v1_0.25_128 --backend opencv,null --input tests/data/pictures");
  EXPECT_EQ(f.exit_code, 1) << f.out << f.err;
  EXPECT_THAT(f.out, HasSubstr("DISAGREE"));
}

TEST(Help, EveryCommandHasExamples) {
  for (const std::string command : {"run", "show", "study", "compare", "verify", "models", "doctor"}) {
    const Finished f = RunProgram(command + " --help");
    EXPECT_EQ(f.exit_code, 0);
    EXPECT_THAT(f.out, HasSubstr("Examples:\n  sightline " + command));
  }
}

}  // namespace
}  // namespace sightline::end_to_end
