#include <rill/nn/positions/check_encoding.h>

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numbers>

#include <rill/core/random.h>
#include <rill/nn/dropout.h>
#include <rill/nn/positions/alibi.h>
#include <rill/nn/positions/learned_positional_encoding.h>
#include <rill/nn/positions/position.h>
#include <rill/nn/positions/relative_position_bias.h>
#include <rill/nn/positions/rotary_encoding.h>

#include "tests/nn/faulty_encoding.h"
#include "tests/support/expect.h"

namespace rill::testing {
namespace {

using nn::CheckEncodingOptions;
using nn::SinusoidalLayout;

CheckEncodingOptions sinusoids(int64_t d_model = 8,
                               SinusoidalLayout layout = SinusoidalLayout::interleaved) {
  return {.d_model = d_model, .sinusoidal = nn::SinusoidalTableOptions{.layout = layout}};
}

CheckEncodingOptions rotary_of(RotaryPairs pairs) {
  return {.rotary = RotaryOptions{.pairs = pairs}};
}

nn::PositionalEncoding encoding_of(int64_t d_model, SinusoidalLayout layout) {
  return nn::PositionalEncoding(d_model, {.max_len = 12, .layout = layout});
}

class RightWaves final : public Waves<RightWaves> {};

class OwnExponent final : public Waves<OwnExponent> {
 public:
  static double wave(double pos, int64_t column, double d) {
    const double angle = pos / std::pow(10000, static_cast<double>(column) / d);
    return column % 2 == 0 ? std::sin(angle) : std::cos(angle);
  }
};

class PrecedenceSlip final : public Waves<PrecedenceSlip> {
 public:
  static double wave(double pos, int64_t column, double d) {
    constexpr double phase = std::numbers::pi / 2;
    const double angle = pos / std::pow(10000, static_cast<double>(column - column % 2) / d);
    return std::sin(angle + std::fmod(phase * static_cast<double>(column), 2));
  }
};

class LateByOne final : public Waves<LateByOne> {
 public:
  static int64_t start(int64_t offset) { return std::max<int64_t>(offset - 1, 0); }
};

class CountsFromOne final : public Waves<CountsFromOne> {
 public:
  static int64_t start(int64_t offset) { return offset + 1; }
};

/// Half as loud as it should be.
class Quiet final : public Waves<Quiet> {
 public:
  static double wave(double pos, int64_t column, double d) {
    return Waves::wave(pos, column, d) / 2;
  }
};

/// Leaves the column without a partner empty.
class OddColumnEmpty final : public Waves<OddColumnEmpty> {
 public:
  static double wave(double pos, int64_t column, double d) {
    return static_cast<double>(column) == d - 1 ? 0 : Waves::wave(pos, column, d);
  }
};

/// Rounds an odd width up before it divides by it.
class OddRoundedUp final : public Waves<OddRoundedUp> {
 public:
  static double wave(double pos, int64_t column, double d) {
    return Waves::wave(pos, column, d + 1);
  }
};

/// Calls the width of the table the model's.
class OddTooNarrow final : public nn::Layer<OddTooNarrow> {
 public:
  Tensor forward(const Tensor& x, int64_t) const { return x.narrow(-1, 0, x.size(-1) / 2 * 2); }
};

/// Turns pairs (i, i + d/2) by the angles that stand in order for pairs (2i, 2i + 1).
class AnglesOfTheOtherPairing final : public nn::Layer<AnglesOfTheOtherPairing> {
 public:
  Tensor rotate(const Tensor& x, int64_t offset) const {
    const int64_t half = x.size(-1) / 2;
    const Tensor angles = angles_of(x, offset);
    const Tensor other = cat({-x.narrow(-1, half, half), x.narrow(-1, 0, half)}, -1);
    return x * cos(angles) + other * sin(angles);
  }

 private:
  static Tensor angles_of(const Tensor& x, int64_t offset) {
    std::vector<double> angles;
    for (int64_t row = 0; row < x.size(-2); ++row)
      for (int64_t column = 0; column < x.size(-1); ++column)
        angles.push_back(static_cast<double>(offset + row) /
                         std::pow(10000, static_cast<double>(column - column % 2) /
                                             static_cast<double>(x.size(-1))));
    return from_vector(angles, {x.size(-2), x.size(-1)}).to(x.dtype());
  }
};

/// Turns what comes first, the queries, by halves and what comes next, the keys, interleaved.
class QueriesAndKeysDiffer final : public nn::Layer<QueriesAndKeysDiffer> {
 public:
  Tensor rotate(const Tensor& x, int64_t offset) const {
    const bool is_query = (*calls)++ % 2 == 0;
    return rotary(x, offset, {.pairs = is_query ? RotaryPairs::halves : RotaryPairs::interleaved});
  }
  const std::shared_ptr<int> calls = std::make_shared<int>(0);
};

/// Turns the values too.
class TurnsValues final : public nn::Layer<TurnsValues> {
 public:
  Tensor rotate(const Tensor& x, int64_t offset) const { return rotary(x, offset); }
  Tensor rotate_packed(const Tensor& qkv, int64_t offset) const { return rotary(qkv, offset); }
};

/// Forgets the offset of what is packed.
class PackedFromZero final : public nn::Layer<PackedFromZero> {
 public:
  Tensor rotate(const Tensor& x, int64_t offset) const { return rotary(x, offset); }
  Tensor rotate_packed(const Tensor& qkv, int64_t) const { return packed_rotary(qkv); }
};

/// Turns and stretches.
class Stretches final : public nn::Layer<Stretches> {
 public:
  Tensor rotate(const Tensor& x, int64_t offset) const { return rotary(x, offset) * 1.5; }
};

/// Adds the position's own number, as if it were a rotation.
class AddsToHeads final : public nn::Layer<AddsToHeads> {
 public:
  Tensor rotate(const Tensor& x, int64_t offset) const {
    return x + arange(offset, offset + x.size(-2), 1, x.dtype()).unsqueeze(-1);
  }
};

/// A bias by the key's position instead of its distance.
class ByKey final : public nn::Layer<ByKey> {
 public:
  Tensor bias(int64_t queries, int64_t keys) const {
    return arange(0, keys, 1, float64).expand({2, queries, keys});
  }
};

/// A bias whose queries are the first of the keys.
class QueriesFirst final : public nn::Layer<QueriesFirst> {
 public:
  Tensor bias(int64_t queries, int64_t keys) const {
    const Tensor distance =
        arange(0, queries, 1, float64).unsqueeze(1) - arange(0, keys, 1, float64);
    return (-abs(distance)).expand({2, queries, keys});
  }
};

/// A bias for more heads where the queries are not all.
class HeadsComeAndGo final : public nn::Layer<HeadsComeAndGo> {
 public:
  Tensor bias(int64_t queries, int64_t keys) const {
    return nn::ALiBi(2)
        .bias(queries, keys)
        .to(float64)
        .narrow(0, 0, 1)
        .expand({queries == keys ? 2 : 4000, queries, keys});
  }
};

/// A table that is no buffer, so that to(dtype) passes it by.
class ForgottenTable final : public nn::Layer<ForgottenTable> {
 public:
  Tensor forward(const Tensor& x, int64_t offset) const {
    return x + table_.narrow(0, offset, x.size(-2));
  }

 private:
  const Tensor table_ = randn({12, 8});
};

/// Learned, with a gradient that is cut off.
class CutOff final : public nn::Layer<CutOff> {
 public:
  CutOff() : weight(register_parameter("weight", randn({12, 8}))) {}
  Tensor forward(const Tensor& x, int64_t offset) const {
    return x + weight.detach().narrow(0, offset, x.size(-2));
  }
  const Tensor weight;
};

/// Says the same at every position.
class Mute final : public nn::Layer<Mute> {
 public:
  Tensor forward(const Tensor& x, int64_t) const { return x + 1; }
};

/// Adds noise for position.
class Noisy final : public nn::Layer<Noisy> {
 public:
  Tensor forward(const Tensor& x, int64_t) const { return x + randn(x.shape(), x.dtype()); }
};

}  // namespace

TEST(CheckEncoding, PassesEachEncodingThatAModelCanTake) {
  for (const auto& [name, position] : nn::position_names()) {
    if (position == nn::Position::none) continue;
    const nn::AnyEncoding encoding = nn::make_encoding(
        position, {.d_model = 8, .num_heads = 2, .max_len = 12, .bidirectional = true});
    EXPECT_NO_THROW(check_encoding(encoding)) << name;
  }
  check_encoding(nn::RelativePositionBias(2, {.bidirectional = false}));
  check_encoding(nn::ALiBi(3), {.d_model = 9, .num_heads = 3, .length = 30});
}

TEST(CheckEncoding, PassesSinusoidsOfEveryLayoutAndWidth) {
  for (const auto layout :
       {SinusoidalLayout::interleaved, SinusoidalLayout::halves, SinusoidalLayout::tensor2tensor})
    for (const int64_t d_model : {2, 3, 7, 8, 16})
      EXPECT_NO_THROW(check_encoding(encoding_of(d_model, layout), sinusoids(d_model, layout)))
          << "layout " << static_cast<int>(layout) << ", width " << d_model;
  check_encoding(RightWaves(), sinusoids(7));
}

TEST(CheckEncoding, PassesBothPairingsOfRotaryAndAPartOfTheWidth) {
  for (const auto pairs : {RotaryPairs::halves, RotaryPairs::interleaved})
    for (const std::optional<int64_t> dim : {std::optional<int64_t>(), std::optional<int64_t>(2)}) {
      const RotaryOptions promise{.dim = dim, .base = 100, .pairs = pairs};
      check_encoding(nn::RotaryEncoding(promise), {.rotary = promise});
    }
}

TEST(CheckEncoding, RefusesACosineWithItsColumnsOwnExponent) {
  expect_refused(OwnExponent(), "rotation", sinusoids(), {"columns 0 and 1"});
}

TEST(CheckEncoding, RefusesThePrecedenceSlipInThePhase) {
  expect_refused(PrecedenceSlip(), "rotation", sinusoids(), {"columns 2 and 3"});
}

TEST(CheckEncoding, RefusesAnOffsetThatIsOffByOne) {
  expect_refused(LateByOne(), "offset", {}, {"forward at offset 1"});
  // Position 0 has sin 1 = 0.841471 where sin 0 = 0 belongs.
  expect_refused(CountsFromOne(), "angle", sinusoids(), {"column 0", "0.84147", "should be 0"});
}

TEST(CheckEncoding, RefusesSinusoidsOfTheWrongLength) {
  // (8 / 2) / 2² = 1 instead of 8 / 2.
  expect_refused(Quiet(), "norm", sinusoids(), {"is 1", "should be 4"});
}

TEST(CheckEncoding, RefusesAWrongOddWidth) {
  expect_refused(OddColumnEmpty(), "odd width", sinusoids(7), {"column 6", "a sine"});
  expect_refused(OddRoundedUp(), "angle", sinusoids(7), {"column 2"});
  expect_refused(OddTooNarrow(), "shape", {.d_model = 7}, {"7]", "6]"});
}

TEST(CheckEncoding, RefusesALayoutOtherThanThePromisedOne) {
  expect_refused(encoding_of(8, SinusoidalLayout::halves), "rotation", sinusoids());
  expect_refused(encoding_of(8, SinusoidalLayout::tensor2tensor), "angle",
                 sinusoids(8, SinusoidalLayout::halves), {"column 1"});
}

TEST(CheckEncoding, RefusesRotaryPairsOfTheOtherPairing) {
  // d = 4: component 0 turns with 2 by halves, with 1 interleaved; sin 1 = 0.841471.
  expect_refused(nn::RotaryEncoding({.pairs = RotaryPairs::interleaved}), "rotary pairs",
                 rotary_of(RotaryPairs::halves), {"component 0", "together with 2", "0.84147"});
  expect_refused(nn::RotaryEncoding({.pairs = RotaryPairs::halves}), "rotary pairs",
                 rotary_of(RotaryPairs::interleaved), {"together with 1"});
}

TEST(CheckEncoding, RefusesPairingsThatAreMixed) {
  expect_refused(AnglesOfTheOtherPairing(), "norm", {});
  expect_refused(AnglesOfTheOtherPairing(), "relative", {.keeps_norm = false});
  expect_refused(QueriesAndKeysDiffer(), "repeatable", {}, {"rotate twice"});
}

TEST(CheckEncoding, RefusesPackedHeadsThatAreTurnedOtherwise) {
  expect_refused(TurnsValues(), "packed", {}, {"rotate_packed at offset 0", "[3, 2, 2, 12, 4]"});
  expect_refused(PackedFromZero(), "packed", {}, {"rotate_packed at offset 3"});
}

TEST(CheckEncoding, RefusesHeadsThatAreNotTurned) {
  expect_refused(Stretches(), "norm", {});
  expect_refused(AddsToHeads(), "relative", {.keeps_norm = false});
  check_encoding(AddsToHeads(), {.relative = false, .keeps_norm = false});
}

TEST(CheckEncoding, RefusesABiasByAnythingButTheDistance) {
  expect_refused(ByKey(), "relative", {}, {"the bias"});
  expect_refused(QueriesFirst(), "offset", {}, {"bias of 11 queries and 12 keys"});
  expect_refused(nn::ALiBi(4), "shape", {}, {"4 heads", "num_heads is 2"});
}

TEST(CheckEncoding, RefusesHeadsThatComeAndGo) {
  expect_refused(HeadsComeAndGo(), "offset", {}, {"instead of"});
}

TEST(CheckEncoding, RefusesAnEncodingWhoseTableKeepsItsOwnDtype) {
  expect_refused(ForgottenTable(), "shape", {}, {"float32", "float64"});
}

TEST(CheckEncoding, RefusesAGradientThatIsCutOff) {
  expect_refused(CutOff(), "gradient", {}, {"element 0 of weight is 0"});
}

TEST(CheckEncoding, RefusesWhatDoesNotTellPositions) {
  expect_refused(nn::AnyEncoding(), "order", {}, {"only change places"});
  expect_refused(Mute(), "distinct", {}, {"positions 0 and 1"});
  // Its one column is the one without a partner, 0.
  expect_refused(encoding_of(1, SinusoidalLayout::tensor2tensor), "distinct", {.d_model = 1});
  expect_refused(Noisy(), "repeatable", {});
}

TEST(CheckEncoding, NamesBothLengthsWhereATableIsShorterThanTheCheck) {
  expect_refused(nn::LearnedPositionalEncoding(8, {.max_len = 10}), "shape", {.length = 12},
                 {"10", "12"});
}

TEST(CheckEncoding, RefusesAPromiseAboutWhatTheEncodingDoesNotHave) {
  expect_refused(nn::ALiBi(2), "rotation", sinusoids());
  expect_refused(nn::ALiBi(2), "rotary pairs", rotary_of(RotaryPairs::halves));
}

TEST(CheckEncoding, LeavesTheEncodingAndTheRandomNumbersAsTheyWere) {
  manual_seed(1);
  const nn::LearnedPositionalEncoding encoding(8, {.max_len = 12});
  const std::vector<double> before = encoding.weight.to_vector();
  const uint64_t drawn = default_generator().offset();
  check_encoding(encoding);
  EXPECT_EQ(encoding.weight.dtype(), float32);
  EXPECT_EQ(encoding.weight.to_vector(), before);
  EXPECT_TRUE(encoding.is_training());
  EXPECT_EQ(default_generator().offset(), drawn);
}

TEST(CheckEncoding, GivesEachTensorAndModuleBackAsItWas) {
  struct Mixed final : nn::Layer<Mixed> {
    Tensor forward(const Tensor& x, int64_t offset) const {
      return x + weight.narrow(0, offset, x.size(-2)) + table.narrow(0, offset, x.size(-2));
    }
    const Tensor weight = register_parameter("weight", randn({12, 8}));
    const Tensor table = register_buffer("table", randn({12, 8}, float64));
    const nn::Dropout dropout = register_module("dropout", nn::Dropout(0.5));
  };
  const Mixed encoding;
  encoding.dropout.eval();
  const std::vector<double> before = encoding.table.to_vector();
  check_encoding(encoding);
  EXPECT_EQ(encoding.weight.dtype(), float32);
  EXPECT_TRUE(encoding.weight.requires_grad());
  EXPECT_EQ(encoding.table.dtype(), float64);
  EXPECT_EQ(encoding.table.to_vector(), before);
  EXPECT_TRUE(encoding.is_training());
  EXPECT_FALSE(encoding.dropout.is_training());
}

TEST(CheckEncoding, NamesWrongSizes) {
  expect_error<ValueError>([] { check_encoding(nn::ALiBi(1), {.d_model = 9, .num_heads = 2}); },
                           {"num_heads 2", "d_model 9"});
  expect_error<ValueError>([] { check_encoding(nn::ALiBi(2), {.length = 3}); },
                           {"length", "4 or more", "3"});
}

}  // namespace rill::testing
