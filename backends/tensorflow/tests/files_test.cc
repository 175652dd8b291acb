#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <string>

#include "backends/tensorflow/tests/file_maker.h"
#include "backends/tensorflow/tests/runner.h"

namespace sightline::tensorflow {
namespace {

using testing::AllOf;
using testing::HasSubstr;

class FilesTest : public testing::Test {
 protected:
  const std::filesystem::path& folder() const { return folder_.path(); }
  std::string Frozen(const std::string& bytes) {
    const auto path = folder_.path() / "graph.pb";
    WriteFile(path, bytes);
    return path.string();
  }
  std::string Saved(const std::string& bytes) {
    WriteFile(folder_.path() / "saved_model.pb", bytes);
    return folder_.path().string();
  }
  // What the file makes of [1, 3, 2, 2] of -6 ... 5, by its one output; the engine wants channels-last.
  static std::vector<float> Result(const Loaded& loaded) {
    Array input{{1, 3, 2, 2}, {}};
    for (int i = 0; i < 12; ++i) input.values.push_back(i - 6);
    auto outputs = Infer(loaded, ToBlob(input));
    EXPECT_TRUE(outputs.ok()) << outputs.error().message();
    return outputs.ok() ? Floats(outputs->at(0)) : std::vector<float>();
  }
  static std::string ErrorOf(const std::string& path, const backend::EngineOptions& options = {}) {
    const auto loaded = LoadFile(path, options);
    return loaded.ok() ? "" : loaded.error().message();
  }

 private:
  TemporaryFolder folder_;
};

const std::vector<float> kRectified = {0, 0, 2, 0, 0, 3, 0, 0, 4, 0, 1, 5};
const std::vector<float> kNegated = {6, 2, -2, 5, 1, -3, 4, 0, -4, 3, -1, -5};

TEST_F(FilesTest, FrozenGraphFeedsPlaceholdersAndFetchesWhatNobodyReads) {
  auto loaded = LoadFile(Frozen(MakeGraphDef()));
  ASSERT_TRUE(loaded.ok()) << loaded.error().message();
  const backend::EngineInfo& info = loaded->engine->info();
  ASSERT_EQ(info.inputs.size(), 1u);
  EXPECT_EQ(info.inputs[0].name, "image:0");
  EXPECT_EQ(info.inputs[0].layout, SL_LAYOUT_NHWC);
  EXPECT_EQ(info.inputs[0].shape, (Shape{-1, 2, 2, 3}));
  ASSERT_EQ(info.outputs.size(), 2u);
  EXPECT_EQ(info.outputs[0].name, "rectified:0");
  EXPECT_EQ(info.outputs[1].name, "negated:0");
  EXPECT_EQ(Result(*loaded), kRectified);
}

TEST_F(FilesTest, FrozenGraphWithChosenTensors) {
  auto loaded = LoadFile(Frozen(MakeGraphDef()), {.options = {{"input", "image"}, {"output", "negated:0"}}});
  ASSERT_TRUE(loaded.ok()) << loaded.error().message();
  ASSERT_EQ(loaded->engine->info().outputs.size(), 1u);
  EXPECT_EQ(Result(*loaded), kNegated);
}

TEST_F(FilesTest, SavedModelBySignature) {
  const std::string path = Saved(MakeSavedModel());
  auto loaded = LoadFile(path);
  ASSERT_TRUE(loaded.ok()) << loaded.error().message();
  EXPECT_EQ(loaded->engine->info().inputs[0].name, "picture");
  EXPECT_EQ(loaded->engine->info().outputs[0].name, "result");
  EXPECT_EQ(loaded->engine->info().inputs[0].shape, (Shape{-1, 2, 2, 3}));
  EXPECT_EQ(Result(*loaded), kRectified);

  auto opposite = LoadFile(path, {.options = {{"signature", "opposite"}}});
  ASSERT_TRUE(opposite.ok()) << opposite.error().message();
  EXPECT_EQ(Result(*opposite), kNegated);
}

// The first instance takes over the session that was opened to look at the model; the second reads the files
// again.
TEST_F(FilesTest, SavedModelHasAnyNumberOfInstances) {
  auto loaded = LoadFile(Saved(MakeSavedModel()), {.instance_count = 2});
  ASSERT_TRUE(loaded.ok()) << loaded.error().message();
  auto second = loaded->engine->CreateInstance();
  ASSERT_TRUE(second.ok()) << second.error().message();
  EXPECT_EQ(Result({loaded->engine, std::move(*second)}), kRectified);
  EXPECT_EQ(Result(*loaded), kRectified);
}

// What a file computes in is its own; the engine says so.
TEST_F(FilesTest, PrecisionIsThatOfTheFilesElementTypes) {
  auto floats = LoadFile(Frozen(MakeGraphDef()));
  ASSERT_TRUE(floats.ok()) << floats.error().message();
  EXPECT_EQ(floats->engine->info().precision_run, SL_F32);
  auto halves = LoadFile(Frozen(MakeHalfGraphDef(false)));
  ASSERT_TRUE(halves.ok()) << halves.error().message();
  EXPECT_EQ(halves->engine->info().precision_run, SL_F16);
  EXPECT_THAT(halves->engine->info().precision_note, HasSubstr("are in fp16"));
  auto mixed = LoadFile(Frozen(MakeHalfGraphDef(true)));
  ASSERT_TRUE(mixed.ok()) << mixed.error().message();
  EXPECT_EQ(mixed->engine->info().precision_run, SL_F16);
  EXPECT_THAT(mixed->engine->info().precision_note, HasSubstr("mixed"));
  EXPECT_THAT(mixed->engine->info().precision_note, HasSubstr("fp16 and fp32"));
}

TEST_F(FilesTest, ShapesTheDataDecidesComeBackWithTheRun) {
  auto loaded = LoadFile(Frozen(MakeWhereGraphDef()));
  ASSERT_TRUE(loaded.ok()) << loaded.error().message();
  const TensorInfo& output = loaded->engine->info().outputs[0];
  EXPECT_EQ(output.type, SL_I64);
  EXPECT_EQ(output.shape, (Shape{SL_DIM_DYNAMIC, 4}));
  const Tensor image(SL_F32, SL_LAYOUT_NHWC, {1, 2, 2, 3});
  image.view().f32()[4] = 1;
  image.view().f32()[11] = 1;
  const Tensor room(SL_I64, SL_LAYOUT_PLAIN, {12, 4});
  Shape shape;
  const Status status = loaded->instance->Run({&image.view(), 1}, {&room.view(), 1}, nullptr, {&shape, 1});
  ASSERT_TRUE(status.ok()) << status.error().message();
  EXPECT_EQ(shape, (Shape{2, 4}));
  const auto* indices = static_cast<const int64_t*>(room.view().data);
  EXPECT_THAT(std::vector<int64_t>(indices, indices + 8), testing::ElementsAre(0, 0, 1, 1, 0, 1, 1, 2));

  const Tensor small(SL_I64, SL_LAYOUT_PLAIN, {1, 4});
  const Status refused = loaded->instance->Run({&image.view(), 1}, {&small.view(), 1}, nullptr, {&shape, 1});
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().kind(), ErrorKind::kResourceExhausted);
  EXPECT_THAT(refused.error().message(),
              HasSubstr("came out as 2x4, which needs 64 bytes of memory; it has 32"));
}

TEST_F(FilesTest, AnOutputsShapeCanBeSaid) {
  const std::string path = Frozen(MakeShapelessGraphDef());
  EXPECT_THAT(ErrorOf(path), AllOf(HasSubstr("tensor 'same:0' has no known number of dimensions"),
                                   HasSubstr("--option output=NAME:0=100x4")));
  backend::EngineOptions options;
  options.options["output"] = "same:0=2x2x3";
  auto loaded = LoadFile(path, options);
  ASSERT_TRUE(loaded.ok()) << loaded.error().message();
  EXPECT_EQ(loaded->engine->info().outputs[0].name, "same:0");
  EXPECT_EQ(loaded->engine->info().outputs[0].shape, (Shape{SL_DIM_BATCH, 2, 2, 3}));
  EXPECT_EQ(Result(*loaded).size(), 12u);
  options.options["output"] = "same:0=2x3x2";
  loaded = LoadFile(path, options);
  ASSERT_TRUE(loaded.ok());
  Array input{{1, 3, 2, 2}, std::vector<double>(12)};
  EXPECT_THAT(Infer(*loaded, ToBlob(input)).error().message(),
              HasSubstr("output 'same:0' came out as 1x2x2x3, not as 1x2x3x2"));
  options.options["output"] = "same:0=2xx3";
  EXPECT_THAT(
      ErrorOf(path, options),
      HasSubstr("option output: the shape of same:0 is '2xx3'; write what is behind the batch, like 100x4"));
}

// As TF-OD exports its detectors: bytes in, finished boxes out, of as many pictures as come.
TEST_F(FilesTest, DetectorsTakeBytesAndGiveBoxes) {
  auto loaded = LoadFile(Frozen(MakeDetectorGraphDef()));
  ASSERT_TRUE(loaded.ok()) << loaded.error().message();
  const backend::EngineInfo& info = loaded->engine->info();
  EXPECT_EQ(info.inputs[0].type, SL_U8);
  EXPECT_EQ(info.inputs[0].shape, (Shape{SL_DIM_BATCH, 64, 64, 3}));
  ASSERT_EQ(info.outputs.size(), 4u);
  EXPECT_EQ(info.outputs[0].name, "detection_boxes:0");
  EXPECT_EQ(info.outputs[0].shape, (Shape{SL_DIM_BATCH, 10, 4}));
  EXPECT_EQ(info.outputs[3].shape, (Shape{SL_DIM_BATCH}));
}

TEST_F(FilesTest, InputShapeIsHeldToItsForm) {
  const std::string good = Frozen(MakeGraphDef());
  for (const char* shape : {"2x", "x2", "2,2,3", "0x2x3", "big"}) {
    EXPECT_THAT(ErrorOf(good, {.options = {{"input_shape", shape}}}),
                HasSubstr("height x width x channels, like 224x224x3"))
        << shape;
  }
  EXPECT_THAT(ErrorOf(good, {.options = {{"input_shape", "2x2x3"}, {"input", "rectified:0"}}}),
              HasSubstr("option input_shape is for one Placeholder"));
  EXPECT_EQ(ErrorOf(good, {.options = {{"input_shape", "2x2x3"}}}), "");
}

TEST_F(FilesTest, NamesTheOperatorTensorFlowLacks) {
  const auto loaded = LoadFile(Frozen(MakeUnknownOpGraphDef()));
  ASSERT_FALSE(loaded.ok());
  EXPECT_EQ(loaded.error().kind(), ErrorKind::kUnsupported);
  EXPECT_THAT(loaded.error().message(),
              testing::EndsWith("operator Frobnicate (layer 'odd') is not supported by TensorFlow"));
}

TEST_F(FilesTest, SaysWhatIsWrongWithAPath) {
  EXPECT_THAT(ErrorOf("/nowhere/model.pb"),
              AllOf(HasSubstr("/nowhere/model.pb"), HasSubstr("does not exist")));
  EXPECT_THAT(ErrorOf(folder().string()), AllOf(HasSubstr("not a SavedModel"), HasSubstr("saved_model.pb")));
}

TEST_F(FilesTest, SaysWhatIsWrongWithAFrozenGraph) {
  EXPECT_THAT(ErrorOf(Frozen("not a graph")),
              AllOf(HasSubstr("graph.pb"), HasSubstr("not a TensorFlow GraphDef")));
  EXPECT_THAT(ErrorOf(Frozen("")), HasSubstr("it has no Placeholder to feed"));
  const std::string half = MakeGraphDef();
  EXPECT_THAT(ErrorOf(Frozen(half.substr(0, half.size() / 2))), HasSubstr("not a TensorFlow GraphDef"));
  const std::string good = Frozen(MakeGraphDef());
  EXPECT_THAT(ErrorOf(good, {.options = {{"output", "nothing:0"}}}),
              HasSubstr("it has no tensor 'nothing:0'"));
  EXPECT_THAT(ErrorOf(good, {.options = {{"output", "negated:1"}}}),
              HasSubstr("it has no tensor 'negated:1'"));
  EXPECT_THAT(ErrorOf(good, {.options = {{"output", "negated:x"}}}),
              HasSubstr("it has no tensor 'negated:x'"));
}

TEST_F(FilesTest, SaysWhatIsWrongWithASavedModel) {
  EXPECT_THAT(ErrorOf(Saved(MakeSavedModel()), {.options = {{"signature", "other"}}}),
              AllOf(HasSubstr("it has no signature 'other'"), HasSubstr("opposite, serving_default")));
  const std::string error = ErrorOf(Saved("not a model"));
  EXPECT_THAT(error, HasSubstr(folder().string()));
  EXPECT_EQ(error.find('\n'), std::string::npos);
}

}  // namespace
}  // namespace sightline::tensorflow
