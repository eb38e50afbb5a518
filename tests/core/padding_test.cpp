#include <cstdint>
#include <vector>

#include <rill/core/data_loader.h>
#include <rill/core/ops.h>

#include "tests/support/expect.h"

namespace rill {
namespace {

using testing::expect_error;
using testing::expect_values;

TEST(PadSequence, StacksSequencesPaddedAtTheirEnds) {
  const Tensor padded =
      pad_sequence({tensor({1.0, 2.0, 3.0}), tensor({4.0}), tensor({5.0, 6.0})}, -1);
  EXPECT_EQ(padded.shape(), Shape({3, 3}));
  expect_values(padded, {1, 2, 3, 4, -1, -1, 5, 6, -1});
  expect_values(pad_sequence({tensor({1.0}), tensor({2.0, 3.0})}), {1, 0, 2, 3});
}

TEST(PadSequence, KeepsDTypeAndTheSizesThatFollow) {
  const Tensor ids = pad_sequence({arange(2), arange(0)}, 9);
  EXPECT_EQ(ids.dtype(), int64);
  expect_values(ids, {0, 1, 9, 9});
  const Tensor masks = pad_sequence({ones({1, 2}, bool_), zeros({2, 2}, bool_)}, 1);
  EXPECT_EQ(masks.shape(), Shape({2, 2, 2}));
  expect_values(masks, {1, 1, 1, 1, 0, 0, 0, 0});
  EXPECT_EQ(pad_sequence({zeros({0, 3}), zeros({0, 3})}).shape(), Shape({2, 0, 3}));
}

template <class... Arguments>
concept Pads = requires(const std::vector<Tensor>& sequences, Arguments... arguments) {
  pad_sequence(sequences, arguments...);
};

TEST(PadSequence, TakesNoBatchFirstForThePadding) {
  static_assert(Pads<double> && Pads<int>);
  static_assert(!Pads<bool> && !Pads<bool, double>);
}

TEST(PadSequence, LetsGradientsFlowToWhatIsNoPadding) {
  const Tensor a = ones({2}).requires_grad_(), b = ones({3}).requires_grad_();
  (pad_sequence({a, b}, 7) * tensor({{1.0, 2.0, 3.0}, {4.0, 5.0, 6.0}})).sum().backward();
  expect_values(a.grad(), {1, 2});
  expect_values(b.grad(), {4, 5, 6});
}

TEST(PadSequence, RefusesWhatCannotBeStacked) {
  expect_error<ValueError>([] { pad_sequence({}); }, {"cannot pad", "at least one"});
  expect_error<ValueError>([] { pad_sequence({Tensor()}); }, {"sequence 0", "undefined"});
  expect_error<ShapeError>([] { pad_sequence({scalar(1)}); }, {"sequence 0", "no dimensions"});
  expect_error<ShapeError>(
      [] {
        pad_sequence({ones({2, 3}), ones({4, 5})});
      },
      {"sequence 0", "[2, 3]", "sequence 1", "[4, 5]"});
  expect_error<ShapeError>([] { pad_sequence({ones({2, 3}), ones({4})}); }, {"[2, 3]", "[4]"});
  expect_error<DTypeError>(
      [] {
        pad_sequence({ones({2}), ones({2}, int64)});
      },
      {"float32", "sequence 1", "int64"});
  expect_error<DTypeError>([] { pad_sequence({arange(2), arange(3)}, 0.5); }, {"0.5", "int64"});
}

TEST(PaddingMask, IsTrueWhereSequencesArePadded) {
  const Tensor mask = padding_mask({3, 0, 2});
  EXPECT_EQ(mask.dtype(), bool_);
  EXPECT_EQ(mask.shape(), Shape({3, 3}));
  expect_values(mask, {0, 0, 0, 1, 1, 1, 0, 0, 1});
  EXPECT_EQ(padding_mask({5}).shape(), Shape({1, 5}));
  EXPECT_EQ(padding_mask({0, 0}).shape(), Shape({2, 0}));
}

TEST(PaddingMask, OfSequencesIsThatOfTheirLengths) {
  const std::vector<Tensor> sequences{ones({2, 4}), ones({3, 4})};
  expect_values(padding_mask(sequences), {0, 0, 1, 0, 0, 0});
}

TEST(PaddingMask, RefusesLengthsThatAreNone) {
  expect_error<ValueError>([] { padding_mask(std::vector<int64_t>{}); },
                           {"padding_mask", "at least one"});
  expect_error<ValueError>([] { padding_mask({2, -1}); }, {"length 1", "-1"});
  expect_error<ValueError>([] { padding_mask(std::vector<Tensor>{}); }, {"at least one"});
}

}  // namespace
}  // namespace rill
