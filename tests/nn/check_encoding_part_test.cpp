#include <gtest/gtest.h>

#include <limits>

#include <rill/core/autograd.h>
#include <rill/nn/positions/check_encoding.h>

#include "tests/nn/faulty_encoding.h"

// Encodings that are right in all but one property, so that only the check of that one refuses
// them.

namespace rill::testing {
namespace {

/// NaN from the sixth position on.
class NotANumber final : public Waves<NotANumber> {
 public:
  static double wave(double pos, int64_t column, double d) {
    return pos < 5 ? Waves::wave(pos, column, d) : std::numeric_limits<double>::quiet_NaN();
  }
};

/// Positions of a text of six tokens lie twice as far apart; so they do for no other length.
class StretchesSixTokens final : public nn::Layer<StretchesSixTokens> {
 public:
  Tensor forward(const Tensor& x, int64_t offset) const {
    const double step = offset == 0 && x.size(-2) == 6 ? 2 : 1;
    const auto first = static_cast<double>(offset), rows = static_cast<double>(x.size(-2));
    return x + sin(step * arange(first, first + rows, 1, x.dtype())).unsqueeze(-1);
  }
};

/// Takes offset 3, at which a cache goes on after 1 + 2 tokens, for offset 2.
class ForgetsTheThird final : public Waves<ForgetsTheThird> {
 public:
  static int64_t start(int64_t offset) { return offset == 3 ? 2 : offset; }
};

Tensor with_doubled_gradient(const Tensor& x) {
  Op op("doubled");
  return op.record(x.detach().clone(),
                   row(x, "2 · dout", [](const Tensor& dout) { return dout * 2; }));
}

class WrongInputGradient final : public nn::Layer<WrongInputGradient> {
 public:
  Tensor forward(const Tensor& x, int64_t offset) const {
    return with_doubled_gradient(RightPositions()(x, offset));
  }

 private:
  class RightPositions final : public Waves<RightPositions> {};
};

class WrongHeadGradient final : public nn::Layer<WrongHeadGradient> {
 public:
  Tensor rotate(const Tensor& x, int64_t offset) const {
    return with_doubled_gradient(rotary(x, offset));
  }
};

/// A learned table of which the first row alone gets its gradient.
class FirstRowLearns final : public nn::Layer<FirstRowLearns> {
 public:
  FirstRowLearns() : weight(register_parameter("weight", randn({12, 8}))) {}
  Tensor forward(const Tensor& x, int64_t offset) const {
    const Tensor table = cat({weight.narrow(0, 0, 1), weight.detach().narrow(0, 1, 11)}, 0);
    return x + table.narrow(0, offset, x.size(-2));
  }
  const Tensor weight;
};

}  // namespace

TEST(CheckEncodingPart, RefusesNaN) { expect_refused(NotANumber(), "repeatable", {}, {"nan"}); }

TEST(CheckEncodingPart, RefusesAForwardThatHangsOnTheLength) {
  expect_refused(StretchesSixTokens(), "length", {}, {"forward of the first 6 tokens"});
}

TEST(CheckEncodingPart, RefusesPositionsThatOnlyACacheGetsWrong) {
  expect_refused(ForgetsTheThird(), "cache", {}, {"after 3 in the cache"});
}

TEST(CheckEncodingPart, RefusesAWrongGradientOfTheInput) {
  expect_refused(WrongInputGradient(), "gradient", {}, {"doubled"});
  expect_refused(WrongHeadGradient(), "gradient", {}, {"doubled"});
}

TEST(CheckEncodingPart, LooksAtMoreThanTheFirstNumberOfAParameter) {
  expect_refused(FirstRowLearns(), "gradient", {}, {"element 8 of weight is 0"});
}

}  // namespace rill::testing
