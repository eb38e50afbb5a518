#include <gtest/gtest.h>

#include <bit>
#include <cstring>
#include <ctime>
#include <limits>
#include <tuple>

#include <rill/core/data_loader.h>
#include <rill/core/io/checkpoint.h>
#include <rill/core/io/detail/checksum.h>
#include <rill/core/ops.h>
#include <rill/core/random.h>

#include "tests/support/expect.h"
#include "tests/support/own_folder.h"

namespace rill::testing {
namespace {

/// Files of checkpoints.
class CheckpointFile : public OwnFolder {
 protected:
  /// A new file each time: to cut one that is there, some file systems wait for the disk.
  void write(const std::string& bytes) const {
    fs::remove(folder_ / "file");
    std::ofstream(folder_ / "file", std::ios::binary) << bytes;
  }
  Checkpoint saved_and_loaded(const Checkpoint& checkpoint) const {
    save_checkpoint(path("file"), checkpoint);
    return load_checkpoint(path("file"));
  }
};

template <class Number>
std::vector<uint64_t> bits_of(const Tensor& tensor) {
  std::vector<uint64_t> bits;
  for (const Number number : tensor.to_vector<Number>()) {
    uint64_t word = 0;
    std::memcpy(&word, &number, sizeof(number));
    bits.push_back(word);
  }
  return bits;
}

Checkpoint small() {
  return Checkpoint{.step = 250, .loss = 1.5, .configuration = {{"width", "16"}, {"seed", "7"}}}
      .add("model", {{"weight", tensor({{1.0, 2.0}, {3.0, 4.0}})}, {"mask", ones({3}, bool_)}})
      .add("empty", StateDict())
      .add("optimizer", {{"state.0.step", scalar(250, float64)}});
}

TEST_F(CheckpointFile, KeepsStepLossConfigurationAndParts) {
  const Checkpoint loaded = saved_and_loaded(small());
  EXPECT_EQ(loaded.step, 250);
  EXPECT_EQ(loaded.loss, 1.5);
  EXPECT_EQ(loaded.configuration, (Metadata{{"width", "16"}, {"seed", "7"}}));
  ASSERT_EQ(loaded.parts.size(), 3u);
  EXPECT_EQ(loaded.parts[0].first, "model");
  EXPECT_EQ(loaded.parts[1].first, "empty");
  EXPECT_TRUE(loaded["empty"].empty());
  EXPECT_EQ(loaded["model"]["weight"].to_vector<float>(), (std::vector<float>{1, 2, 3, 4}));
  EXPECT_EQ(loaded["model"]["mask"].to_vector<bool>(), std::vector<bool>(3, true));
  EXPECT_EQ(loaded["optimizer"]["state.0.step"].item(), 250);
}

TEST_F(CheckpointFile, WithoutAnythingInItIsOneToo) {
  const Checkpoint loaded = saved_and_loaded({});
  EXPECT_EQ(loaded.step, 0);
  EXPECT_FALSE(loaded.loss);
  EXPECT_TRUE(loaded.parts.empty() && loaded.configuration.empty());
}

TEST_F(CheckpointFile, KeepsEveryBitOfNumbersThoseOfNanToo) {
  const std::vector<float> floats{std::bit_cast<float>(0x7fc12345u), std::bit_cast<float>(1u),
                                  std::bit_cast<float>(0xff800001u), -0.0f};
  const std::vector<double> doubles{std::bit_cast<double>(uint64_t{0xfff8000000abcdef}), 0.1,
                                    std::bit_cast<double>(uint64_t{1}), -0.0};
  const std::vector<int64_t> wholes{std::numeric_limits<int64_t>::min(), (int64_t{1} << 53) + 1};
  Checkpoint checkpoint{.step = std::numeric_limits<int64_t>::max(), .loss = doubles[0]};
  checkpoint.add("part", {{"floats", from_vector(floats)},
                          {"doubles", from_vector(doubles)},
                          {"wholes", from_vector(wholes)}});
  const Checkpoint loaded = saved_and_loaded(checkpoint);
  EXPECT_EQ(loaded.step, std::numeric_limits<int64_t>::max());
  EXPECT_EQ(std::bit_cast<uint64_t>(*loaded.loss), std::bit_cast<uint64_t>(doubles[0]));
  EXPECT_EQ(bits_of<float>(loaded["part"]["floats"]),
            (std::vector<uint64_t>{0x7fc12345, 1, 0xff800001, 0x80000000}));
  EXPECT_EQ(bits_of<double>(loaded["part"]["doubles"])[0], 0xfff8000000abcdefu);
  EXPECT_EQ(bits_of<double>(loaded["part"]["doubles"])[2], 1u);
  EXPECT_EQ(loaded["part"]["wholes"].to_vector<int64_t>(), wholes);
}

TEST_F(CheckpointFile, KeepsAGeneratorBeyondWhatDoublesAndSignedNumbersHold) {
  Generator generator(0xfedcba9876543211);
  generator.set_offset(0x8000000000000003);
  const Checkpoint loaded = saved_and_loaded(Checkpoint().add("generator", generator));
  Generator other;
  loaded.restore("generator", other);
  EXPECT_EQ(other.seed(), 0xfedcba9876543211u);
  EXPECT_EQ(other.offset(), 0x8000000000000003u);
  EXPECT_EQ(randn({5}, other).to_vector<float>(), randn({5}, generator).to_vector<float>());
}

TEST(GeneratorState, OfAnotherFormIsRefused) {
  Generator generator(5);
  for (const StateDict& wrong :
       {StateDict{}, StateDict{{"seed", scalar(1, int64)}},
        StateDict{{"offset", scalar(1, int64)}, {"seed", scalar(1, int64)}},
        StateDict{{"seed", scalar(1, int64)}, {"offset", scalar(1, float64)}},
        StateDict{{"seed", scalar(1, int64)}, {"offset", Tensor()}},
        StateDict{{"seed", scalar(1, int64)}, {"offset", zeros({2}, int64)}}}) {
    expect_error<ValueError>([&] { generator.load_state_dict(wrong); }, {"seed and offset"});
    EXPECT_EQ(generator.seed(), 5u);
  }
}

TEST_F(CheckpointFile, KeepsTiedTensorsTiedAndStoresThemOnce) {
  const Tensor shared = randn({100, 100});
  const Checkpoint loaded = saved_and_loaded(
      Checkpoint().add("model", {{"embed.weight", shared}, {"head.weight", shared}}));
  EXPECT_LT(fs::file_size(folder_ / "file"), 41000u);
  const Tensor head = loaded["model"]["head.weight"];
  EXPECT_EQ(head.raw_data(), loaded["model"]["embed.weight"].raw_data());
  EXPECT_EQ(head.to_vector<float>(), shared.to_vector<float>());
}

TEST_F(CheckpointFile, KeepsThoseTiedThatBeginWhereAnotherTensorDoes) {
  const Tensor x = randn({4, 4}), row = x.select(0, 0);
  const Checkpoint loaded =
      saved_and_loaded(Checkpoint().add("model", {{"x", x}, {"row", row}, {"same", row}}));
  EXPECT_EQ(loaded["model"]["same"].raw_data(), loaded["model"]["row"].raw_data());
  EXPECT_EQ(loaded["model"]["same"].to_vector<float>(), row.to_vector<float>());
}

TEST_F(CheckpointFile, ConfigurationThatLooksLikeATieIsNone) {
  Checkpoint checkpoint{.configuration = {{"weight", "model.weight"}, {"ünï", "\"\\\n"}}};
  const Tensor shared = ones({2});
  checkpoint.add("model", {{"weight", shared}, {"again.weight", shared}});
  const Checkpoint loaded = saved_and_loaded(checkpoint);
  EXPECT_EQ(loaded.configuration, checkpoint.configuration);
  EXPECT_EQ(loaded["model"].size(), 2u);
}

TEST_F(CheckpointFile, AFlippedBitAnywhereIsAnErrorOfTheChecksum) {
  save_checkpoint(path("file"), small());
  const std::string whole = text_of("file");
  for (size_t bit = 0; bit < whole.size() * 8; ++bit) {
    std::string flipped = whole;
    flipped[bit / 8] = static_cast<char>(flipped[bit / 8] ^ 1 << bit % 8);
    write(flipped);
    SCOPED_TRACE("bit " + std::to_string(bit));
    expect_error<Error>([&] { (void)load_checkpoint(path("file")); },
                        {"cannot read " + path("file"), "checksum is wrong"});
  }
  write(whole);
  EXPECT_NO_THROW((void)load_checkpoint(path("file")));
}

TEST_F(CheckpointFile, CutOrWithMoreBehindItIsAnError) {
  save_checkpoint(path("file"), small());
  const std::string whole = text_of("file");
  for (size_t size = 0; size < whole.size(); ++size) {
    write(whole.substr(0, size));
    SCOPED_TRACE(std::to_string(size) + " bytes");
    expect_error<Error>([&] { (void)load_checkpoint(path("file")); }, {"cannot read"});
  }
  for (const size_t more : {1, 8, 16, 32}) {
    write(whole + std::string(more, '\0'));
    expect_error<Error>([&] { (void)load_checkpoint(path("file")); }, {"checksum is wrong"});
  }
}

TEST_F(CheckpointFile, OfTensorsAloneOrMissingIsRefused) {
  save_safetensors(path("file"), {{"weight", ones({4})}});
  expect_error<Error>([&] { (void)load_checkpoint(path("file")); }, {"no checkpoint of rill"});
  expect_error<Error>([&] { (void)load_checkpoint(path("none")); }, {"cannot read", "none"});
  expect_error<Error>([&] { (void)load_checkpoint(folder_); }, {"cannot read", "no regular file"});
}

/// The file with `from` changed `to` what is as long, and a checksum to match.
std::string forged(std::string bytes, std::string_view from, std::string_view to) {
  bytes.replace(bytes.find(from), from.size(), to);
  const size_t covered = bytes.size() - detail::Checksum::size;
  detail::Checksum checksum;
  checksum.add(std::string_view(bytes).substr(0, covered));
  const auto value = checksum.value();
  return bytes.replace(covered, value.size(), value.data(), value.size());
}

TEST_F(CheckpointFile, OfANewerFormatIsRefusedByItsNumber) {
  save_checkpoint(path("file"), small());
  write(forged(text_of("file"), "\"rill.checkpoint\":\"1\"", "\"rill.checkpoint\":\"7\""));
  expect_error<Error>([&] { (void)load_checkpoint(path("file")); },
                      {"cannot read " + path("file"), "of format 7", "reads up to 1"});
}

TEST_F(CheckpointFile, WhatIsWrongBehindARightChecksumIsRefusedToo) {
  save_checkpoint(path("file"), small());
  const std::string whole = text_of("file");
  const std::tuple<const char*, const char*, const char*> cases[] = {
      {"\"rill.checkpoint\":\"1\"", "\"rill.checkpoint\":\"x\"", "the number of its format is 'x'"},
      {"\"rill.checkpoint\":\"1\"", "\"rill.checkpoint\":\"0\"", "the number of its format is '0'"},
      {"rill.checkpoint", "some.checkpoint", "its metadata lack 'rill.checkpoint'"},
      {"rill.parts", "rill.Parts", "its metadata lack 'rill.parts'"},
      {"optimizer\\n", "optimizer_x", "the list of its parts is cut"},
      {"optimizer\\n", "opti.izer\\n", "no part can be named 'opti.izer'"},
      {"optimizer\\n", "model\\nab\\n", "part 'model' is there twice"},
      {"model\\n", "modex\\n", "'model.weight' belongs to none of its parts"},
      {"\"step\"", "\"stop\"", "it has no 'step'"},
      {"\"step\":{\"dtype\":\"I64\"", "\"step\":{\"dtype\":\"F64\"",
       "'step' must be one number of"},
      {"{\"__", "x\"__", "header"}};
  for (const auto& [from, to, said] : cases) {
    SCOPED_TRACE(to);
    write(forged(whole, from, to));
    expect_error<Error>([&] { (void)load_checkpoint(path("file")); }, {said});
  }
}

TEST_F(CheckpointFile, ASixthOfAMillionPartsAreReadInLinearTime) {
  Checkpoint checkpoint;
  for (int i = 0; i < 160'000; ++i) checkpoint.parts.emplace_back(std::to_string(i), StateDict());
  save_checkpoint(path("file"), checkpoint);
  const std::clock_t begin = std::clock();
  EXPECT_EQ(load_checkpoint(path("file")).parts.back().first, "159999");
  const auto seconds = static_cast<double>(std::clock() - begin) / CLOCKS_PER_SEC;
  EXPECT_LT(seconds, 20);  // with every name compared to every other it would be a minute
}

TEST_F(CheckpointFile, IsASafetensorsFileForOthers) {
  save_checkpoint(path("file"), small());
  const SafetensorsFile file(path("file"));
  EXPECT_EQ(file.names(), (std::vector<std::string>{"step", "loss", "model.weight", "model.mask",
                                                    "optimizer.state.0.step", "checksum"}));
  EXPECT_EQ(file.load("step").item<int64_t>(), 250);
  EXPECT_EQ(file.stored_dtype("checksum"), "U8");
  EXPECT_EQ(file.metadata().at("rill.checkpoint"), "1");
  EXPECT_EQ(file.metadata().at("configuration.width"), "16");
}

TEST_F(CheckpointFile, TheSameStateGivesTheSameBytes) {
  save_checkpoint(path("file"), small());
  save_checkpoint(path("again"), small());
  EXPECT_EQ(text_of("file"), text_of("again"));
}

TEST(Checkpoint, TakesUpThePartsOfATraining) {
  manual_seed(3);
  DataLoader batches({arange(10)}, {.batch_size = 3, .shuffle = true});
  for (int i = 0; i < 2; ++i)
    for ([[maybe_unused]] const auto& batch : batches) {
    }
  const Checkpoint checkpoint =
      Checkpoint{.step = 8}.add("batches", batches).add("generator", default_generator());
  const float next = rand({1}).item<float>();
  DataLoader others({arange(10)}, {.batch_size = 3, .shuffle = true});
  checkpoint.restore("batches", others).restore("generator", default_generator());
  EXPECT_EQ((*others.begin())[0].to_vector<float>(), (*batches.begin())[0].to_vector<float>());
  EXPECT_EQ(rand({1}).item<float>(), next);
}

TEST(Checkpoint, NamesOfPartsAreHeldToTheirRules) {
  Checkpoint checkpoint;
  for (const char* name : {"", "a.b", "a\nb", "."})
    expect_error<ValueError>([&] { checkpoint.add(name, StateDict()); }, {"cannot be named"});
  checkpoint.add("model", StateDict());
  expect_error<ValueError>([&] { checkpoint.add("model", StateDict()); }, {"'model' already"});
  expect_error<ValueError>([&] { (void)checkpoint["optimizer"]; },
                           {"no part 'optimizer'", "it has model"});
  EXPECT_TRUE(checkpoint.contains("model"));
  EXPECT_FALSE(checkpoint.contains("optimizer"));
}

TEST_F(CheckpointFile, HoldsPartsThatWerePutInToTheRulesOfAdd) {
  for (const char* name : {"a.b", "a\nb", ""})
    expect_error<ValueError>(
        [&] {
          save_checkpoint(path("file"), Checkpoint{.parts = {{name, {{"x", ones(1)}}}}});
        },
        {"cannot be named"});
  expect_error<ValueError>(
      [&] {
        save_checkpoint(path("file"), Checkpoint{.parts = {{"a", {}}, {"a", {}}}});
      },
      {"'a' already"});
  EXPECT_EQ(file_count(), 0);
}

TEST_F(CheckpointFile, RefusesUndefinedTensorsAndNamesThatAreThereTwice) {
  const auto save = [&](const StateDict& state) {
    save_checkpoint(path("file"), Checkpoint().add("part", state));
  };
  expect_error<ValueError>([&] { save({{"x", Tensor()}}); }, {"'part.x' is undefined"});
  expect_error<ValueError>(
      [&] {
        save({{"x", ones(1)}, {"x", ones(1)}});
      },
      {"two tensors", "'part.x'"});
  expect_error<ValueError>(
      [&] {
        save_checkpoint(path("file"), Checkpoint{.configuration = {{"text", "\xff"}}});
      },
      {"no UTF-8"});
  EXPECT_EQ(file_count(), 0);
}

TEST(Checkpoint, OfAnotherConfigurationNamesEveryFieldWithBothValues) {
  const Checkpoint checkpoint{.configuration = {{"dropout", "0.1"}, {"heads", "4"}, {"seed", "7"}}};
  EXPECT_NO_THROW(checkpoint.want_configuration(checkpoint.configuration));
  expect_error<ValueError>(
      [&] {
        checkpoint.want_configuration({{"dropout", "0.2"}, {"seed", "7"}, {"text", "x"}});
      },
      {"dropout is 0.1, here 0.2", "heads is 4, here there is none", "text is not there, here x"});
}

}  // namespace
}  // namespace rill::testing
