// The tools of operator tests, under the names the tests of this folder use.
#pragma once

#include "backends/conformance/operators/model_maker.h"
#include "backends/conformance/operators/runner.h"

namespace sightline::tensorflow {

using conformance::Array;
using conformance::Blob;
using conformance::Dims;
using conformance::ExecutedTypes;
using conformance::ExpectSame;
using conformance::Floats;
using conformance::Infer;
using conformance::InputOf;
using conformance::Load;
using conformance::Loaded;
using conformance::LoadError;
using conformance::LoadFile;
using conformance::MakeFloat;
using conformance::MakeInt;
using conformance::MakeInts;
using conformance::MakeText;
using conformance::ModelMaker;
using conformance::Plugin;
using conformance::RandomArray;
using conformance::ToBlob;

}  // namespace sightline::tensorflow
