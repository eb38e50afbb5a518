#include <rill/rill.h>

#include "tests/support/expect.h"

// What would be taken for something else does not compile.

namespace rill {
namespace {

using testing::expect_error;
using testing::expect_values;

template <class T>
concept SortsByABool = requires(const T& x) {
  x.sort(true);
}
|| requires(const T& x) { sort(x, true); };
template <class T>
concept TakesABoolForTheSecondDimension = requires(const T& x) {
  x.topk(2, false);
}
|| requires(const T& x) { topk(x, 2, false); };
template <class T>
concept TakesAFloatForADimension = requires(const T& x) {
  x.max(0.0);
}
|| requires(const T& x) { max(x, 0.0); };
template <class T>
concept TakesTwoDimsUnlisted = requires(const T& x) {
  amax(x, 0, 1);
};
template <class T>
concept WritesIntoACopy = requires(const T& x) {
  x[x > 0] += 1;
}
|| requires(const T& x) { x[x > 0] *= x; }
|| requires(const T& x) { x[x > 0] = x; };
template <class T>
concept IsIndexedByABool = requires(const T& x) {
  x[true];
}
|| requires(const T& x) { x[0.5]; };
template <class T>
concept TakesNothingForATensor = requires(const T& x) {
  linear(x, x, nullptr);
};
template <class T>
concept JoinsMasksByAnd = requires(const T& x) {
  x&& x;
};

TEST(WrongArguments, DoNotCompile) {
  static_assert(!SortsByABool<Tensor> && !TakesABoolForTheSecondDimension<Tensor>);
  static_assert(!TakesAFloatForADimension<Tensor> && !TakesTwoDimsUnlisted<Tensor>);
  static_assert(!WritesIntoACopy<Tensor> && !TakesNothingForATensor<Tensor>);
  static_assert(!JoinsMasksByAnd<Tensor> && !IsIndexedByABool<Tensor>);
}

TEST(WrongArguments, LeaveTheRightOnesAlone) {
  const Tensor x = tensor({{1.0, 5.0, 3.0}, {2.0, 4.0, 6.0}});
  expect_values(x.sort(-1, true).values, {5, 3, 1, 6, 4, 2});
  expect_values(topk(x, 1, -1, false).indices, {0, 0});
  expect_values(x.max(size_t{1}).values, {5, 6});
  expect_values(amax(x, {0, 1}), {6});
}

TEST(Picked, IsAVariableAsAnyOther) {
  const Tensor x = tensor({1.0, -2.0, 3.0});
  auto picked = x[x > 0];
  picked += 1;
  expect_values(picked, {2, 4});
  picked = picked * 2;
  picked = x[x < 0];
  expect_values(picked, {-2});
  expect_values(x, {1, -2, 3});
}

TEST(Picked, IsATensorToAllThatTakesOne) {
  const Tensor x = tensor({1.0, -2.0}).requires_grad_();
  const Tensor picked = x * 2;
  expect_values(grad(picked[picked > 0].sum(), x)[0], {2, 0});
  expect_values(cat(std::vector{picked[picked > 0], picked[picked < 0]}), {2, -4});
  const auto choose = [&](bool first) {
    if (first) return picked[picked > 0];
    return picked;
  };
  expect_values(choose(true), {2});
}

TEST(Picked, IsARowWhereTheIndexHasNoDimensions) {
  const Tensor x = tensor({{1.0, 2.0}, {3.0, 4.0}}).requires_grad_();
  expect_values(x[x.select(1, 0).argmax()], {3, 4});
  x[tensor(1)].sum().backward();
  expect_values(x.grad(), {0, 0, 1, 1});
  expect_error<ShapeError>([&] { return x[tensor({{0, 1}})]; }, {"[1, 2]", "embedding(ids, x)"});
  expect_error<IndexError>([&] { return x[tensor(2)]; }, {"2"});
}

TEST(ValuesAndIndices, AreNumberedAsInPython) {
  const ValuesAndIndices found = tensor({2.0, 7.0}).max(0);
  expect_values(found[0], {7});
  expect_values(found[1], {1});
  expect_error<IndexError>([&] { return found[2]; }, {"2"});
}

}  // namespace
}  // namespace rill
