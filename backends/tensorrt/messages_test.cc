#include "backends/tensorrt/messages.h"

#include <gtest/gtest.h>

namespace sightline::tensorrt {
namespace {

TEST(Messages, AreJoinedWithoutTheirPlacesAndGoneAfterwards) {
  Messages messages;
  EXPECT_EQ(messages.Take("no reason given"), "no reason given");
  messages.Add("2: [builder.cpp::buildSerializedNetwork::743] Assertion failed\n on two lines ");
  messages.Add("plain");
  messages.Add("plain");
  EXPECT_EQ(messages.Take(""), "Assertion failed on two lines; plain");
  EXPECT_EQ(messages.Take("none"), "none");
}

TEST(Messages, OnlyTheFirstFewAreKeptAndCut) {
  Messages messages;
  for (const char* text : {"a", "b", "c", "d"}) messages.Add(text);
  EXPECT_EQ(messages.Take(""), "a; b; c");
  messages.Add(std::string(1000, 'x'));
  EXPECT_EQ(messages.Take("").size(), 403u);
}

TEST(Messages, WhatOnlyLooksLikeAPlaceStays) {
  Messages messages;
  messages.Add("[TRT] 3 layers");
  messages.Add("32 layers: none");
  messages.Add("  ");
  EXPECT_EQ(messages.Take(""), "[TRT] 3 layers; 32 layers: none");
}

}  // namespace
}  // namespace sightline::tensorrt
