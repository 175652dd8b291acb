// What a user can get wrong: one clear sentence, exit code 2, nothing half-written.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <fstream>

#include "tests/end_to_end/program.h"

namespace sightline::end_to_end {
namespace {

using ::testing::HasSubstr;

struct Mistake {
  std::string name;
  std::string arguments;
  std::string sentence;  // part of it
};
std::ostream& operator<<(std::ostream& out, const Mistake& mistake) {
  return out << mistake.name;
}

class Mistakes : public ::testing::TestWithParam<Mistake> {};

const std::string kPictures = " --input tests/data/pictures";
const std::string kNull = "run -m mobilenet_v1_0.25_128 --backend null --quiet --iterations 3 --warm-up 0s";

TEST_P(Mistakes, OneSentenceAndExitCode2) {
  const TemporaryFolder folder;
  const std::string json = folder / "result.json";
  const bool is_run = GetParam().arguments.starts_with("run ");
  const Finished f = RunProgram(GetParam().arguments + (is_run ? " --json " + json : ""));
  EXPECT_EQ(f.exit_code, 2) << f.out << f.err;
  EXPECT_THAT(f.err, HasSubstr(GetParam().sentence));
  EXPECT_EQ(std::count(f.err.begin(), f.err.end(), '\n'), 1) << f.err;
  EXPECT_EQ(f.out, "");
  EXPECT_TRUE(std::filesystem::is_empty(folder.path())) << "nothing half-written";
}

INSTANTIATE_TEST_SUITE_P(
    CommandLine, Mistakes,
    ::testing::Values(
        Mistake{"no_command", "", "subcommand is required"},
        Mistake{"unknown_command", "measure", "sightline --help"},
        Mistake{"unknown_flag", kNull + " --batchsize 4", "see `sightline run --help`"},
        Mistake{"no_model", "run --backend null", "--model is required"},
        Mistake{"unknown_model", "run -m mobilenet_v1_1.0_225 --backend null --quiet",
                "did you mean 'mobilenet_v1_1.0_224'?"},
        Mistake{"unknown_backend", "run -m squeezenet_1.1 --backend tensrflow --quiet", "tensorflow"},
        Mistake{"backend_not_built", "run -m squeezenet_1.1 --backend ncnn --quiet", "ncnn"},
        Mistake{"unknown_device", kNull + kPictures + " -d cuda:0", "has no device 'cuda:0'"},
        Mistake{"unknown_precision", kNull + kPictures + " --precision fp8",
                "'fp8' is not one of fp32, fp16, bf16, int8"},
        Mistake{"unsupported_precision", kNull + kPictures + " --precision int8", "can't compute in int8"},
        Mistake{"unknown_scenario", kNull + " --scenario server-side",
                "single-stream, multi-stream, offline"},
        Mistake{"raw_no_file", kNull + kPictures + " --raw /dev/null", "--raw: /dev/null is no regular file"},
        Mistake{"batch_0", kNull + " -b 0", "--batch is 0; it must be at least 1"},
        Mistake{"negative_batch", kNull + " -b -3", "--batch is -3; it must be at least 1"},
        Mistake{"batch_far_too_large", kNull + " -b 100000000", "take 4096 or less"},
        Mistake{"threads_far_too_many", kNull + " --threads 100000", "--threads is 100000; this machine has"},
        Mistake{"instances_far_too_many", kNull + " --instances 100000", "--instances is 100000"},
        Mistake{"duration_0", kNull + " --duration 0s", "--duration is 0, in which nothing can be measured"},
        Mistake{"stopping_by_nothing", kNull + " --stop-half-width 5%", "requires --stop-quantity"},
        Mistake{"stopping_late_by_nothing", kNull + " --stop-min-duration 5s", "requires --stop-quantity"},
        Mistake{"csv_to_standard_output", kNull + kPictures + " --csv -", "--csv: '-' names no file"},
        Mistake{"no_such_labels", kNull + kPictures + " --labels no/such.txt",
                "no such label file: no/such.txt"},
        Mistake{"labels_with_a_gap", kNull + kPictures + " --labels tests/data/pictures/LICENSES.md",
                "LICENSES.md: line 2 is blank"},
        Mistake{"batch_is_no_number", kNull + " -b four", "--batch"},
        Mistake{"instances_0", kNull + " --instances 0", "--instances is 0"},
        Mistake{"threads_0", kNull + " --threads 0", "--threads is 0"},
        Mistake{"iterations_0", kNull + " --iterations 0", "--iterations"},
        Mistake{"duration_without_sense", kNull + " --duration soon", "--duration: 'soon' is not a duration"},
        Mistake{"unknown_option", kNull + kPictures + " --option dely_us=5", "delay_us"},
        Mistake{"option_without_value", kNull + kPictures + " --option delay_us",
                "not of the form KEY=VALUE"},
        Mistake{"core_not_there", kNull + kPictures + " --pin 999",
                "core 999 is not one this process may run on"},
        Mistake{"json_into_a_folder", kNull + kPictures + " --csv /tmp", "it is a folder; name a file"},
        Mistake{"show_no_file", "show no/such/result.json", "there is no file no/such/result.json"},
        Mistake{"show_no_result", "show schema/result.schema.json",
                "is not a result of `sightline run --json`"},
        Mistake{"compare_nothing", "compare", "A is required"},
        Mistake{"compare_with_nothing", "compare schema/result.schema.json x", "is neither a result"},
        Mistake{"compare_unknown", "compare nowhere nowhere --db no/such.db",
                "there is no file or folder nowhere, and as a study: "},
        Mistake{"compare_rerun_of_nothing", "compare nowhere --rerun --db no/such.db", "nowhere"},
        Mistake{"compare_resume_of_two", "compare a b --resume", "--resume goes on with one comparison"},
        Mistake{"compare_resume_and_rerun", "compare a --resume --rerun", "excludes"},
        Mistake{"verify_one_backend", "verify -m squeezenet_1.1 --backend opencv", "two backends are needed"},
        Mistake{"verify_no_pictures", "verify -m squeezenet_1.1 --pictures 0", "--pictures is 0"},
        Mistake{"verify_unknown_precision", "verify -m squeezenet_1.1 --backend null --precision fp8",
                "'fp8' is not one of fp32, fp16, bf16, int8"},
        Mistake{"verify_unsupported_precision", "verify -m squeezenet_1.1 --backend null --precision int8",
                "can't compute in int8"},
        Mistake{"verify_calibration_pictures_0",
                "verify -m squeezenet_1.1 --backend null --precision int8 --calibration-pictures 0",
                "--calibration-pictures is 0"},
        Mistake{"calibration_pictures_0", kNull + " --calibration-pictures 0",
                "--calibration-pictures is 0; it must be at least 1"},
        Mistake{"verify_rounds_below_0",
                "verify -m squeezenet_1.1 --backend null --precision int8 --rounds -1",
                "--rounds is -1; it must be 0 to 10000"},
        Mistake{"accuracy_calibration_pictures_0",
                "accuracy -m squeezenet_1.1 --backend null --calibration-pictures 0" + kPictures,
                "--calibration-pictures is 0; it must be at least 1"},
        Mistake{"accuracy_unsupported_precision",
                "accuracy -m squeezenet_1.1 --backend null --precision int8" + kPictures,
                "can't compute in int8"},
        Mistake{"profile_calibration_pictures_0",
                "profile -m squeezenet_1.1 --backend opencv --calibration-pictures 0",
                "--calibration-pictures is 0; it must be at least 1"},
        Mistake{"profile_unsupported_precision",
                "profile -m squeezenet_1.1 --backend opencv --quiet --precision int8" + kPictures,
                "can't compute in int8"},
        Mistake{"profile_of_nothing_that_can", "profile -m squeezenet_1.1 --backend null",
                "backend null can't give times per layer"},
        Mistake{"profile_few_runs", "profile -m squeezenet_1.1 --backend opencv --runs 3",
                "--runs is 3; it must be at least 6"},
        Mistake{"profile_by_what", "profile -m squeezenet_1.1 --backend opencv --by color",
                "--by: 'color' is not one of layer, type"},
        Mistake{"profile_top_0", "profile -m squeezenet_1.1 --backend opencv --top 0", "--top is 0"},
        Mistake{"profile_trace_to_standard_output", "profile -m squeezenet_1.1 --backend opencv --trace -",
                "--trace: '-' names no file"},
        Mistake{"profile_trace_into_a_folder", "profile -m squeezenet_1.1 --backend opencv --trace /tmp",
                "it is a folder; name a file"},
        Mistake{"profile_batch_0", "profile -m squeezenet_1.1 --backend opencv -b 0", "--batch is 0"},
        Mistake{"profile_option_without_value", "profile -m squeezenet_1.1 --backend opencv --option x",
                "not of the form KEY=VALUE"},
        Mistake{"profile_unknown_model", "profile -m squeezenet_1.2 --backend opencv --quiet",
                "did you mean 'squeezenet_1."},
        Mistake{"models_unknown", "models resnet51_v1", "did you mean 'resnet50_v1'?"},
        Mistake{"export_without_a_name", "models --export x.onnx", "--export needs the name of a network"}),
    [](const auto& mistake) { return mistake.param.name; });

INSTANTIATE_TEST_SUITE_P(
    Pictures, Mistakes,
    ::testing::Values(
        Mistake{"missing", kNull + " --input no/such.jpg", "no/such.jpg"},
        Mistake{"empty_glob", kNull + " --input 'tests/data/*.jpeg2000'", "tests/data/*.jpeg2000"},
        Mistake{"folder_without_pictures", kNull + " --input schema", "schema"},
        Mistake{"not_a_picture", kNull + " --input schema/result.schema.json", "result.schema.json"},
        Mistake{"nonsense_synthetic", kNull + " --input synthetic:0x10", "synthetic"}),
    [](const auto& mistake) { return mistake.param.name; });

class BrokenFiles : public ::testing::Test {
 protected:
  std::string Write(const std::string& name, const std::string& bytes) const {
    std::ofstream(folder_ / name, std::ios::binary) << bytes;
    return folder_ / name;
  }
  void ExpectRefused(const std::string& arguments, const std::string& sentence) const {
    const Finished f = RunProgram(arguments);
    EXPECT_EQ(f.exit_code, 2) << f.err;
    EXPECT_THAT(f.err, HasSubstr(sentence));
    EXPECT_EQ(std::count(f.err.begin(), f.err.end(), '\n'), 1) << f.err;
  }
  TemporaryFolder folder_;
};

TEST_F(BrokenFiles, TruncatedJpegIsNamedBeforeMeasuring) {
  const std::string whole = Contents("tests/data/pictures/astronaut.jpg");
  Write("a_good.jpg", whole);
  Write("b_cut.jpg", whole.substr(0, whole.size() / 2));
  ExpectRefused(kNull + " --input " + folder_.path().string(), "b_cut.jpg");
}

TEST_F(BrokenFiles, HeaderOfAHugePictureTakesNoMemory) {
  // A baseline JPEG's SOI, SOF0 with 30000 x 30000 x 3, SOS; no data.
  const std::array<unsigned char, 35> bytes = {0xFF, 0xD8, 0xFF, 0xC0, 0x00, 0x11, 0x08, 0x75, 0x30,
                                               0x75, 0x30, 0x03, 0x01, 0x22, 0x00, 0x02, 0x11, 0x01,
                                               0x03, 0x11, 0x01, 0xFF, 0xDA, 0x00, 0x0C, 0x03, 0x01,
                                               0x00, 0x02, 0x11, 0x03, 0x11, 0x00, 0x3F, 0x00};
  const std::string path = Write("huge.jpg", std::string(bytes.begin(), bytes.end()));
  ExpectRefused("run -m mobilenet_v1_0.25_128 --backend null --quiet --input " + path, "30000");
}

TEST_F(BrokenFiles, EmptyFolder) {
  ExpectRefused(kNull + " --input " + folder_.path().string(), "is empty; put pictures into it");
}

TEST_F(BrokenFiles, ModelFilesThatAreNone) {
  const std::string tail = " --backend opencv --quiet --input tests/data/pictures";
  ExpectRefused("run -m " + Write("empty.onnx", "") + tail, "empty.onnx");
  ExpectRefused("run -m " + Write("text.onnx", "This is no model, but a sentence.") + tail, "text.onnx");
  ExpectRefused("run -m " + Write("model.h5", "HDF") + tail, "model.h5");
}

// What only a framework that is really there can object to.
TEST_F(BrokenFiles, EveryBuiltFrameworkNamesTheMistake) {
  for (const std::string backend : {SIGHTLINE_BUILT_BACKENDS}) {
    const std::string head = "run -m mobilenet_v1_0.25_128 --quiet --iterations 3 --warm-up 0s" + kPictures +
                             " --backend " + backend;
    ExpectRefused(head + " -d cuda:7", "has no device 'cuda:7'");
    ExpectRefused(head + " --option no_such_key=1", "no_such_key");
    if (backend == "null") continue;
    // The framework is open by then, and may have said things of its own.
    const Finished f =
        RunProgram("run -m " + Write("broken.pb", "no graph") + " --quiet --backend " + backend + kPictures);
    EXPECT_EQ(f.exit_code, 2) << f.err;
    EXPECT_THAT(f.err, HasSubstr("broken.pb"));
  }
}

// A field of a protobuf message; `bytes` shorter than 128.
std::string Field(int number, const std::string& bytes) {
  return std::string{static_cast<char>(number << 3 | 2), static_cast<char>(bytes.size())} + bytes;
}

std::string Varint(uint64_t value) {
  std::string bytes;
  for (; value >= 0x80; value >>= 7) bytes += static_cast<char>(value | 0x80);
  return bytes + static_cast<char>(value);
}

// An ONNX file of one Relu on a picture of this side.
std::string ReluOn(uint64_t side) {
  std::string shape;
  for (const uint64_t dim : {uint64_t{1}, uint64_t{3}, side, side}) shape += Field(1, '\x08' + Varint(dim));
  const auto value = [&shape](const std::string& name) {
    return Field(1, name) + Field(2, Field(1, "\x08\x01" + Field(2, shape)));  // FLOAT
  };
  const std::string node = Field(1, "x") + Field(2, "y") + Field(4, "Relu");
  const std::string graph = Field(1, node) + Field(2, "g") + Field(11, value("x")) + Field(12, value("y"));
  const std::string opset = "\x10\x0d";  // 13
  return "\x08\x07" + Field(7, graph) + Field(8, opset);
}

TEST_F(BrokenFiles, ModelFilesOfPicturesNobodyHas) {
  const std::string tail = " --backend null --quiet --input tests/data/pictures";
  ExpectRefused("run -m " + Write("large.onnx", ReluOn(20000)) + tail,
                "large.onnx: the input is 20000 by 20000 pixels");
  ExpectRefused("run -m " + Write("absurd.onnx", ReluOn(uint64_t{1} << 32)) + tail, "larger than any tensor");
}

}  // namespace
}  // namespace sightline::end_to_end
