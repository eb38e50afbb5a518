#include <gtest/gtest.h>

#include <functional>
#include <string>

#include <rill/core/grad_mode.h>
#include <rill/core/ops.h>
#include <rill/core/random.h>
#include <rill/nn/embedding.h>
#include <rill/nn/positions/learned_positional_encoding.h>
#include <rill/nn/positions/positional_encoding.h>
#include <rill/nn/sequential.h>

// A layer that adds positions warns, once, where they drown or are drowned.

namespace rill::nn {
namespace {

std::string warnings_of(const std::function<void()>& run) {
  ::testing::internal::CaptureStderr();
  run();
  return ::testing::internal::GetCapturedStderr();
}

/// What adding positions to embeddings of this spread warns of.
template <class Encoding>
std::string warnings_of(double std, const Encoding& encoding) {
  manual_seed(1);
  const Embedding embedding(50, 64, {.std = std});
  return warnings_of([&] { encoding(embedding(arange(50))); });
}

void expect_parts(const std::string& text, const std::vector<std::string>& parts) {
  for (const std::string& part : parts)
    EXPECT_NE(text.find(part), std::string::npos) << "'" << part << "' is not in: " << text;
}

TEST(FirstLook, IsSilentWhereTheHeadersSayThatPartsGoTogether) {
  EXPECT_EQ(warnings_of(1, PositionalEncoding(64)), "");
  EXPECT_EQ(warnings_of(0.02 * 8, PositionalEncoding(64)), "");
  EXPECT_EQ(warnings_of(1, LearnedPositionalEncoding(64, {.std = 1})), "");
  EXPECT_EQ(warnings_of(0.02, LearnedPositionalEncoding(64)), "");
}

TEST(FirstLook, NamesBothSizesAndTheRemedy) {
  expect_parts(
      warnings_of(1, LearnedPositionalEncoding(64)),
      {"LearnedPositionalEncoding: its input (rms 0.99", "drowns the positions (rms 0.02",
       "where a token stands", "LearnedPositionalEncoding(d, {.std = 0.99})", "{.std = 0.02}"});
  expect_parts(warnings_of(0.02, PositionalEncoding(64)),
               {"PositionalEncoding: its positions (rms 0.707)", "drown the input (rms 0.0198)",
                "36 to 1", "which token it is", "the root of its width"});
}

TEST(FirstLook, BeginsAtFiveToOne) {
  const auto beside = [](double input) {
    const LearnedPositionalEncoding fresh(8, {.max_len = 4});
    fresh.weight.detach().fill_(1);
    return warnings_of([&] { fresh(full({4, 8}, input)); });
  };
  EXPECT_EQ(beside(4.9), "");
  EXPECT_NE(beside(5.1), "");
  EXPECT_EQ(beside(0.21), "");
  EXPECT_NE(beside(0.19), "");
}

TEST(FirstLook, IsTakenOnceAlsoByCopies) {
  const LearnedPositionalEncoding encoding(8), copy = encoding;
  EXPECT_NE(warnings_of([&] { encoding(ones(4, 8)); }), "");
  EXPECT_EQ(warnings_of([&] { encoding(ones(4, 8)); }), "");
  EXPECT_EQ(warnings_of([&] { copy(ones(4, 8)); }), "");
}

TEST(FirstLook, SaysThatTheNextLayerHasALookOfItsOwn) {
  const auto warned = [] { return warnings_of(0.02, PositionalEncoding(64)); };
  expect_parts(warned(), {"(Said once of each layer.)"});
  expect_parts(warned(), {"(Said once of each layer.)"});  // a layer of its own
}

TEST(FirstLook, IsTakenInTrainingAlone) {
  const LearnedPositionalEncoding encoding(8);
  encoding.eval();
  EXPECT_EQ(warnings_of([&] { encoding(ones(4, 8)); }), "");
  encoding.train();
  EXPECT_EQ(warnings_of([&] {
              const NoGradGuard no_grad;
              encoding(ones(4, 8));
            }),
            "");
  EXPECT_NE(warnings_of([&] { encoding(ones(4, 8)); }), "");
}

TEST(FirstLook, IsNotTakenAtWeightsThatWereLoaded) {
  const Sequential trained{LearnedPositionalEncoding(8)}, resumed{LearnedPositionalEncoding(8)};
  resumed.load_state_dict(trained.state_dict());
  EXPECT_EQ(warnings_of([&] { resumed(ones(4, 8)); }), "");
  EXPECT_NE(warnings_of([&] { trained(ones(4, 8)); }), "");
}

TEST(FirstLook, IsTakenWhereLoadingFailed) {
  const LearnedPositionalEncoding encoding(8);
  EXPECT_THROW(encoding.load_state_dict({}), ValueError);
  EXPECT_NE(warnings_of([&] { encoding(ones(4, 8)); }), "");
}

TEST(FirstLook, LeavesRowsOfPaddingOut) {
  Tensor padded = zeros(100, 8);
  padded.narrow(0, 0, 2).fill_(1);
  EXPECT_EQ(warnings_of([&] { LearnedPositionalEncoding(8, {.std = 1})(padded); }), "");
  EXPECT_EQ(warnings_of([&] { LearnedPositionalEncoding(8)(zeros(4, 8)); }), "");
}

}  // namespace
}  // namespace rill::nn
