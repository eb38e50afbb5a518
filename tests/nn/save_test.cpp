#include <rill/nn/save.h>

#include <gtest/gtest.h>

#include <rill/core/ops.h>
#include <rill/nn/decoder.h>
#include <rill/nn/sequential.h>

#include "some_modules.h"
#include "tests/support/expect.h"
#include "tests/support/own_folder.h"

namespace rill::nn {
namespace {

using testing::expect_error;
using testing::expect_values;
using testing::message_of;
using testing::Net;
using testing::Tied;

using NnSave = testing::OwnFolder;
using NnLoad = testing::OwnFolder;

std::vector<double> all_numbers(const Module& module) {
  std::vector<double> numbers;
  for (const auto& [name, tensor] : module.state_dict())
    for (const double x : tensor.to_vector<double>()) numbers.push_back(x);
  return numbers;
}

/// Expects that loading fails with all of `parts` in the message, and changes nothing.
void expect_refused(const Module& module, const std::string& path, const LoadOptions& options,
                    const std::vector<std::string>& parts) {
  const std::vector<double> before = all_numbers(module);
  expect_error<Error>([&] { load(module, path, options); }, parts);
  EXPECT_EQ(all_numbers(module), before);
}

TEST_F(NnSave, WhatWasSavedLoadsIntoAnotherModuleOfTheSameKind) {
  const Net net, other;
  save(net, path("net.safetensors"));
  load(other, path("net.safetensors"));
  EXPECT_EQ(all_numbers(other), all_numbers(net));
}

TEST_F(NnSave, WritesNoMoreThanTheStateDictAndTheMetadata) {
  save(Net(), path("net.safetensors"), {.metadata = {{"step", "7"}}});
  const SafetensorsFile file(path("net.safetensors"));
  EXPECT_EQ(file.names().size(), 5u);  // of fc1 two, of fc2 one, scale and table
  EXPECT_FALSE(file.contains("cache"));
  EXPECT_EQ(file.metadata(), (Metadata{{"step", "7"}}));
}

TEST_F(NnSave, AnIndexAndItsPartsLoadAsOneFile) {
  const Net net, other;
  save(net, path("net.safetensors.index.json"), {.max_part_bytes = 16});
  EXPECT_GT(file_count(), 2);
  load(other, path("net.safetensors.index.json"));
  EXPECT_EQ(all_numbers(other), all_numbers(net));
}

TEST_F(NnSave, TiedWeightsAreStoredOnceAndLoadIntoBothNames) {
  const Tied tied, other;
  save(tied, path("tied.safetensors"));
  EXPECT_EQ(SafetensorsFile(path("tied.safetensors")).stored_name("head.weight"),
            "embedding.weight");
  load(other, path("tied.safetensors"));
  EXPECT_EQ(all_numbers(other), all_numbers(tied));
}

TEST_F(NnLoad, OneOfTwoTiedNamesIsEnoughWhicheverItIs) {
  for (const char* name : {"embedding.weight", "head.weight"}) {
    const Tied tied;
    save_safetensors(path("one.safetensors"), {{name, full({4, 2}, 7)}});
    load(tied, path("one.safetensors"));
    expect_values(tied.head.weight, std::vector<double>(8, 7));
  }
}

TEST_F(NnLoad, TiedNamesThatAreBothThereMustBeEqual) {
  const Tied tied;
  save_safetensors(path("equal.safetensors"),
                   {{"embedding.weight", full({4, 2}, 7)}, {"head.weight", full({4, 2}, 7)}});
  load(tied, path("equal.safetensors"));
  expect_values(tied.head.weight, std::vector<double>(8, 7));
  save_safetensors(path("other.safetensors"),
                   {{"embedding.weight", full({4, 2}, 1)}, {"head.weight", full({4, 2}, 2)}});
  expect_refused(tied, path("other.safetensors"), {},
                 {"other.safetensors", "'embedding.weight'", "'head.weight'", "different values"});
}

TEST_F(NnLoad, TellsAllThatDoesNotFitAndLeavesTheModuleAsItWas) {
  save_safetensors(path("wrong.safetensors"), {{"fc1.weight", ones({2, 3})},
                                               {"fc1.bias", ones({3})},
                                               {"fc3.weight", ones({1, 3})},
                                               {"table", zeros({2}, int64)},
                                               {"scale", ones({1})}});
  expect_refused(
      Net(), path("wrong.safetensors"), {},
      {"cannot load " + path("wrong.safetensors"), "Net", "missing: fc2.weight",
       "unexpected: fc3.weight", "fc1.weight is [3, 2], given [2, 3]", "table is float32"});
}

TEST_F(NnLoad, WithoutStrictNamesThatDoNotMatchAreReturnedAndPassedOver) {
  const Net net;
  const std::vector<double> fc2 = net.fc2.weight.to_vector<double>();
  save_safetensors(path("some.safetensors"),
                   {{"fc1.weight", full({3, 2}, 5)}, {"extra", ones({9})}});
  const UnmatchedNames unmatched = load(net, path("some.safetensors"), {.strict = false});
  expect_values(net.fc1.weight, std::vector<double>(6, 5));
  EXPECT_EQ(net.fc2.weight.to_vector<double>(), fc2);
  EXPECT_EQ(unmatched.missing,
            (std::vector<std::string>{"scale", "table", "fc1.bias", "fc2.weight"}));
  EXPECT_EQ(unmatched.unexpected, std::vector<std::string>{"extra"});
}

TEST_F(NnLoad, WithoutStrictAWrongShapeIsStillRefused) {
  save_safetensors(path("wrong.safetensors"), {{"fc1.weight", ones({9})}});
  expect_refused(Net(), path("wrong.safetensors"), {.strict = false}, {"fc1.weight is [3, 2]"});
}

TEST_F(NnLoad, AStarStandsForOnePartAndAtTheEndForAllThatRemain) {
  const Sequential net{Linear(2, 3), Linear(3, 2)};
  save_safetensors(path("names.safetensors"), {{"net.layer.0.fc.weight", full({3, 2}, 1)},
                                               {"net.layer.0.fc.bias", full({3}, 2)},
                                               {"layer.1.fc.weight", full({2, 3}, 3)},
                                               {"layer.1.fc.bias", full({2}, 4)},
                                               {"layer.1.deep.fc.bias", ones({1})},
                                               {"cls.a.b.c", ones({1})}});
  load(net, path("names.safetensors"),
       {.prefix = "net.",
        .rename = {{"layer.*.fc.*", "*.*"}},
        .ignore = {"cls.*", "layer.*.deep.fc.bias"}});
  EXPECT_EQ(all_numbers(net),
            (std::vector<double>{1, 1, 1, 1, 1, 1, 2, 2, 2, 3, 3, 3, 3, 3, 3, 4, 4}));
  expect_refused(net, path("names.safetensors"),
                 {.prefix = "net.", .rename = {{"layer.*.fc.*", "*.*"}}, .ignore = {"cls.*"}},
                 {"unexpected: layer.1.deep.fc.bias"});
}

TEST_F(NnLoad, OfRowsThatFitTheFirstCounts) {
  const Linear linear(2, 2, {.bias = false});
  save_safetensors(path("names.safetensors"), {{"a.w", full({2, 2}, 3)}});
  load(linear, path("names.safetensors"), {.rename = {{"a.w", "weight"}, {"a.*", "other.*"}}});
  expect_values(linear.weight, {3, 3, 3, 3});
}

TEST_F(NnLoad, TransposesMatricesAlone) {
  const Linear linear(3, 2);
  save_safetensors(path("turned.safetensors"),
                   {{"weight", arange(6).to(float32).view(3, 2)}, {"bias", ones({2})}});
  load(linear, path("turned.safetensors"), {.transpose = {"*"}});
  expect_values(linear.weight, {0, 2, 4, 1, 3, 5});
}

TEST_F(NnLoad, JoinsInTheOrderOfTheTable) {
  const Linear linear(2, 3, {.bias = false});
  save_safetensors(path("parts.safetensors"),
                   {{"l.a.w", full({1, 2}, 1)}, {"l.b.w", full({2, 2}, 2)}});
  load(linear, path("parts.safetensors"), {.join = {{{"*.b.w", "*.a.w"}, "weight"}}});
  expect_values(linear.weight, {2, 2, 2, 2, 1, 1});
}

TEST_F(NnLoad, PartsThatCannotBeJoinedAreNamedBesideWhatIsMissing) {
  const Linear linear(2, 3, {.bias = false});
  const LoadOptions options{.join = {{{"a.w", "b.w"}, "weight"}}};
  save_safetensors(path("part.safetensors"), {{"b.w", ones({2, 2})}});
  expect_refused(linear, path("part.safetensors"), options, {"missing: weight", "unexpected: b.w"});
  save_safetensors(path("parts.safetensors"), {{"a.w", ones({2, 5})}, {"b.w", ones({2, 2})}});
  expect_refused(linear, path("parts.safetensors"), options,
                 {"missing: weight", "unexpected: a.w, b.w"});
}

TEST_F(NnLoad, TwoTensorsThatWouldBeOnePartAreRefused) {
  const Linear linear(2, 3, {.bias = false});
  const LoadOptions options{.join = {{{"*.a.w", "*.b.w"}, "weight"}}};
  save_safetensors(path("twice.safetensors"),
                   {{"l.a.w", ones({1, 2})}, {"l.b.w", ones({2, 2})}, {"m.a.w", zeros({1, 2})}});
  expect_refused(linear, path("twice.safetensors"), options, {"unexpected: m.a.w"});
}

TEST_F(NnLoad, TwoNamesThatBecomeOneAreRefused) {
  save_safetensors(path("two.safetensors"), {{"a", ones({2, 2})}, {"weight", ones({2, 2})}});
  expect_refused(Linear(2, 2, {.bias = false}), path("two.safetensors"),
                 {.rename = {{"a", "weight"}}}, {"given twice: weight"});
}

TEST_F(NnLoad, ATableThatNamesMoreThanItKnowsIsRefused) {
  save(Linear(2, 2), path("linear.safetensors"));
  expect_refused(Linear(2, 2), path("linear.safetensors"), {.rename = {{"a.*", "b.*.*"}}},
                 {"'b.*.*' has more '*' than 'a.*'"});
  expect_refused(Linear(2, 2), path("linear.safetensors"), {.join = {{{"q"}, "b.*"}}},
                 {"'b.*' has more '*' than 'q'"});
  expect_refused(Linear(2, 2), path("linear.safetensors"), {.join = {{{}, "b"}}},
                 {"nothing is to be joined to 'b'"});
}

TEST_F(NnLoad, AStarThatStandsForLessThanAPartIsRefused) {
  save_safetensors(path("star.safetensors"), {{"a*", ones({2, 2})}});
  const Linear linear(2, 2, {.bias = false});
  for (const LoadOptions& options :
       {LoadOptions{.rename = {{"a*", "*"}}}, LoadOptions{.join = {{{"x", "l.a*.w"}, "weight"}}},
        LoadOptions{.transpose = {"a*"}}, LoadOptions{.ignore = {"a*"}}})
    expect_refused(linear, path("star.safetensors"), options,
                   {"has a '*' within 'a*'", "a whole part between dots"});
}

TEST_F(NnLoad, APickleIsRefusedWithHowToConvertIt) {
  for (const std::string& bytes :
       {std::string("PK\x03\x04 some archive/data.pkl", 26), std::string("\x80\x02}q\x00.", 6)}) {
    std::ofstream(path("model.pt"), std::ios::binary) << bytes;
    expect_refused(Linear(2, 2), path("model.pt"), {},
                   {"model.pt", "pickle", "torch.load", "save_file"});
  }
}

TEST_F(NnLoad, AFileThatIsNotThereIsNamed) {
  expect_refused(Linear(2, 2), path("none.safetensors"), {}, {"none.safetensors", "No such file"});
}

TEST_F(NnLoad, ParametersStayLeavesThatAreTrained) {
  const Linear linear(2, 2);
  save(linear, path("linear.safetensors"));
  load(linear, path("linear.safetensors"));
  EXPECT_TRUE(linear.weight.is_leaf() && linear.weight.requires_grad());
  linear(ones({1, 2})).sum().backward();
  expect_values(linear.weight.grad(), {1, 1, 1, 1});
}

}  // namespace
}  // namespace rill::nn
