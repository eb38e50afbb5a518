#include <rill/core/autograd.h>
#include <rill/core/gradcheck.h>
#include <rill/core/ops.h>
#include <rill/core/random.h>
#include <rill/core/threads.h>

#include "tests/support/expect.h"

namespace rill {
namespace {

using testing::expect_error;
using testing::expect_values;

Tensor ids(const std::vector<int64_t>& values) { return from_vector(values); }
Tensor ids(const std::vector<int64_t>& values, const Shape& shape) {
  return from_vector(values, shape);
}

TEST(Embedding, OutOfRangeTellsIdPlaceAndBound) {
  const Tensor weight = zeros({3, 2});
  expect_error<IndexError>(
      [&] {
        embedding(weight, ids({0, 1, 2, 3}, {2, 2}));
      },
      {"embedding: ", "id 3", "[1, 1]", "[0, 3)"});
  expect_error<IndexError>([&] { embedding(weight, ids({-1})); }, {"id -1", "[0]"});
  expect_error<DTypeError>([&] { embedding(weight, zeros({2})); }, {"int64", "float32"});
  expect_error<ShapeError>([&] { embedding(zeros({3}), ids({0})); }, {"[3]"});
  expect_error<IndexError>([&] { embedding(weight, ids({0}), {.padding_idx = 3}); },
                           {"padding_idx 3"});
}

TEST(Embedding, TakesIdsFirstToo) {
  const Tensor weight = tensor({{1.0, 2.0}, {3.0, 4.0}});
  expect_values(embedding(ids({1, 0, 1}), weight), {3, 4, 1, 2, 3, 4});
  expect_error<IndexError>([&] { embedding(ids({1}), weight, {.padding_idx = 2}); },
                           {"padding_idx 2"});
  expect_error<IndexError>([&] { embedding(ids({2}), weight); }, {"embedding: ", "id 2"});
  const Tensor floats = zeros({3});
  expect_error<DTypeError>([&] { embedding(floats, weight); },
                           {"int64", "float32 [3]", "to(int64)"});
  expect_error<DTypeError>([&] { embedding(weight, floats); },
                           {"int64", "float32 [3]", "to(int64)"});
}

TEST(Embedding, PaddingRowFlowsForwardAndGetsNoGradientEvenFromInfinity) {
  const Tensor weight = tensor({{1.0, 2.0}, {3.0, 4.0}}).requires_grad_();
  const Tensor rows = embedding(weight, ids({1, 0, 1}), {.padding_idx = 1});
  expect_values(rows, {3, 4, 1, 2, 3, 4});
  const double inf = std::numeric_limits<double>::infinity();
  rows.backward(tensor({{inf, 1}, {5, 6}, {7, -inf}}));
  expect_values(weight.grad(), {5, 6, 0, 0});
}

TEST(Embedding, FrequencyDividesTheRowsOfTheGradient) {
  const Tensor weight = zeros({3, 1}, float64).requires_grad_();
  embedding(weight, ids({2, 0, 2, 2}), {.scale_grad_by_freq = true})
      .backward(tensor({{3}, {5}, {6}, {9}}, float64));
  expect_values(weight.grad(), {5, 0, 6}, 1e-12);
}

TEST(Embedding, SecondDerivativesWorkWithPaddingAndFrequency) {
  const Tensor weight = tensor({{1, 2}, {3, 4}, {-1, 0.5}}, float64).requires_grad_();
  const Tensor which = ids({2, 0, 2, 1});
  const auto squared = [&](const std::vector<Tensor>& in) {
    const Tensor rows = embedding(in[0], which, {.padding_idx = 1, .scale_grad_by_freq = true});
    return sum(rows * rows);
  };
  const Tensor first =
      grad(squared({weight}), weight, {.create_graph = true});  // 2w · (1, 0, 1), by row
  expect_values(first, {2, 4, 0, 0, -2, 1}, 1e-12);
  // Row 2 passes backward through its two look-ups twice, halved each time: 2 · 2 · 1/2 · 1/2.
  expect_values(grad(first.sum(), weight), {2, 2, 0, 0, 1, 1}, 1e-12);
}

TEST(Embedding, GradientHasTheSameBitsForAnyNumberOfThreads) {
  Generator generator(3);
  const Tensor which = randint(0, 50, {4000}, generator);
  const Tensor dout = randn({4000, 16}, generator);
  const int before = num_threads();
  std::vector<std::vector<float>> found;
  for (const int threads : {1, 2, 3, 8}) {
    set_num_threads(threads);
    const Tensor weight = zeros({50, 16}).requires_grad_();
    embedding(weight, which).backward(dout);
    found.push_back(weight.grad().to_vector<float>());
  }
  set_num_threads(before);
  for (const auto& other : found) EXPECT_EQ(other, found[0]);
}

TEST(IndexSelect, RefusesBadIndices) {
  const Tensor x = zeros({2, 3});
  expect_error<IndexError>(
      [&] {
        index_select(x, 1, ids({0, 3}));
      },
      {"index_select: ", "index 3", "[1]", "[0, 3)"});
  expect_error<IndexError>([&] { index_select(x, 0, ids({-1})); }, {"index -1"});
  expect_error<DTypeError>([&] { index_select(x, 0, zeros({1})); }, {"float32"});
  expect_error<ShapeError>([&] { index_select(x, 0, ids({0, 1}, {1, 2})); }, {"[1, 2]"});
  expect_error<IndexError>([&] { index_select(x, 2, ids({0})); }, {"2"});
  expect_error<IndexError>([] { index_select(zeros({0, 3}), 0, ids({0})); }, {"[0, 0)"});
}

TEST(IndexSelect, TakesBools) {
  const Tensor x = tensor({{1, 0}, {0, 1}}, bool_);
  expect_values(index_select(x, 0, ids({1, 1})), {0, 1, 0, 1});
}

TEST(Gather, RefusesBadIndices) {
  const Tensor x = zeros({2, 3});
  expect_error<IndexError>(
      [&] {
        gather(x, 1, ids({0, 1, 2, 3}, {2, 2}));
      },
      {"gather: ", "index 3", "[1, 1]", "[0, 3)"});
  expect_error<IndexError>([&] { gather(x, 0, ids({-1}, {1, 1})); }, {"index -1"});
  expect_error<ShapeError>([&] { gather(x, 0, ids({0})); }, {"[1]", "[2, 3]"});
  expect_error<ShapeError>([&] { gather(x, 1, ids({0, 0, 0}, {3, 1})); }, {"[3, 1]", "[2, 3]"});
  expect_error<DTypeError>([&] { gather(x, 0, zeros({1, 1})); }, {"float32"});
}

TEST(Gather, SecondDerivativeAddsUpRepeatedPlaces) {
  const Tensor x = tensor({{1, 2}, {3, 4}}, float64).requires_grad_();
  const Tensor taken = gather(x, 1, ids({0, 0, 1, 0}, {2, 2}));
  const Tensor first = grad(sum(taken * taken), x, {.create_graph = true});
  expect_values(first, {4, 0, 6, 8});
  expect_values(grad(first.sum(), x), {4, 0, 2, 2});
}

TEST(ScatterAdd, UsesOnlyThePartOfTheSourceThatTheIndexCovers) {
  const Tensor source = tensor({{1.0, 2.0, 9.0}, {9.0, 9.0, 9.0}}).requires_grad_();
  const Tensor x = zeros({2, 2});
  const Tensor out = scatter_add(x, 0, ids({1, 1}, {1, 2}), source);
  expect_values(out, {0, 0, 1, 2});
  expect_values(x, {0, 0, 0, 0});
  out.backward(tensor({{5.0, 6.0}, {7.0, 8.0}}));
  expect_values(source.grad(), {7, 8, 0, 0, 0, 0});
}

TEST(ScatterAdd, RefusesBadInputs) {
  const Tensor x = zeros({2, 3});
  expect_error<IndexError>(
      [&] {
        scatter_add(x, 0, ids({2}, {1, 1}), ones({1, 1}));
      },
      {"scatter_add: ", "index 2", "[0, 0]", "[0, 2)"});
  expect_error<ShapeError>(
      [&] {
        scatter_add(x, 0, ids({0, 0}, {2, 1}), ones({1, 1}));
      },
      {"[2, 1]", "[1, 1]"});
  expect_error<DTypeError>(
      [&] {
        scatter_add(x, 0, ids({0}, {1, 1}), ones({1, 1}, float64));
      },
      {"float64", "float32"});
  expect_error<DTypeError>([] { scatter_add(ones({1}, bool_), 0, ids({0}), ones({1}, bool_)); },
                           {"bool"});
}

TEST(OneHot, RefusesWhatHasNoClass) {
  expect_error<IndexError>([] { one_hot(ids({0, 3}), 3); }, {"one_hot: ", "id 3", "[1]", "[0, 3)"});
  expect_error<IndexError>([] { one_hot(ids({-1})); }, {"id -1"});
  expect_error<ValueError>([] { one_hot(ids({})); }, {"num_classes"});
  expect_error<ValueError>([] { one_hot(ids({0}), 0); }, {"0"});
  expect_error<DTypeError>([] { one_hot(zeros({2}), 3); }, {"float32"});
}

TEST(OneHot, TakesTheClassesFromTheIds) {
  const Tensor out = one_hot(ids({0, 2}));
  EXPECT_EQ(out.dtype(), int64);
  EXPECT_EQ(out.shape(), Shape({2, 3}));
  expect_values(out, {1, 0, 0, 0, 0, 1});
}

}  // namespace
}  // namespace rill
