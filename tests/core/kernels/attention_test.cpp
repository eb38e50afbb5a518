#include <gtest/gtest.h>

#include <rill/core/kernels/attention.h>
#include <tests/core/kernels/kernel_test.h>
#include <algorithm>
#include <cmath>
#include <set>

namespace rill::kernels {
namespace {

/// An attention of [batch, heads, rows, width] operands with its gradients of Σ out · dout.
template <class T>
struct Case {
  AttentionShape shape;
  std::vector<T> q, k, v, dout;
  Attention<T> options;

  explicit Case(AttentionShape s) : shape(s) {
    const int64_t heads = s.batch * s.heads;
    q = numbers<T>(heads * s.queries * s.dim, 1, 2);
    k = numbers<T>(heads * s.keys * s.dim, 2, 2);
    v = numbers<T>(heads * s.keys * s.value_dim, 3);
    dout = numbers<T>(heads * s.queries * s.value_dim, 4);
    options.scale = static_cast<T>(1 / std::sqrt(static_cast<double>(s.dim)));
  }

  template <class U>
  Rows<U> rows(U* data, int64_t count, int64_t width) const {
    return {data, shape.heads * count * width, count * width, width};
  }
  Rows<const T> queries() const { return rows<const T>(q.data(), shape.queries, shape.dim); }
  Rows<const T> keys() const { return rows<const T>(k.data(), shape.keys, shape.dim); }
  Rows<const T> values() const { return rows<const T>(v.data(), shape.keys, shape.value_dim); }

  std::vector<T> forward(double* lse = nullptr) const {
    std::vector<T> out(dout.size(), T(9));
    attention(shape, queries(), keys(), values(), options,
              rows(out.data(), shape.queries, shape.value_dim), lse);
    return out;
  }

  std::vector<T> weights() const {
    std::vector<T> w(static_cast<size_t>(shape.batch * shape.heads * shape.queries * shape.keys));
    attention_weights(shape, queries(), keys(), options, w.data());
    return w;
  }

  /// dq, dk and dv, one behind the other.
  std::vector<T> backward() const {
    std::vector<double> lse(static_cast<size_t>(shape.batch * shape.heads * shape.queries));
    const auto out = forward(lse.data());
    std::vector<T> d(q.size() + k.size() + v.size(), T(9));
    const auto outs = rows(out.data(), shape.queries, shape.value_dim);
    const auto douts = rows(dout.data(), shape.queries, shape.value_dim);
    attention_backward<T>(shape, queries(), keys(), values(), options, outs, douts, lse.data(),
                          rows(d.data(), shape.queries, shape.dim),
                          rows(d.data() + q.size(), shape.keys, shape.dim),
                          rows(d.data() + q.size() + k.size(), shape.keys, shape.value_dim));
    return d;
  }
};

/// The definition in double for one row of one head: weights without dropout.
template <class T>
std::vector<double> naive_weights(const Case<T>& c, int64_t batch, int64_t head, int64_t i) {
  const AttentionShape& s = c.shape;
  const int64_t h = batch * s.heads + head;
  const AttentionMask<T>& m = c.options.mask;
  std::vector<double> scores(static_cast<size_t>(s.keys), 0.0);
  double total = 0;
  for (int64_t j = 0; j < s.keys; ++j) {
    double& score = scores[static_cast<size_t>(j)];
    for (int64_t d = 0; d < s.dim; ++d) {
      score += static_cast<double>(c.q[static_cast<size_t>((h * s.queries + i) * s.dim + d)]) *
               static_cast<double>(c.k[static_cast<size_t>((h * s.keys + j) * s.dim + d)]);
    }
    score *= static_cast<double>(c.options.scale);
    const int64_t at = batch * m.batch + head * m.head + i * m.row + j * m.col;
    if (m.allowed && !m.allowed[at]) score -= inf;
    if (m.added) score += static_cast<double>(m.added[at]);
    if (c.options.causal && j > i + c.options.diagonal) score -= inf;
    total += std::exp(score);
  }
  for (double& score : scores) score = total == 0 ? 0 : std::exp(score) / total;
  return scores;
}

template <class T>
std::vector<double> naive(const Case<T>& c) {
  const AttentionShape& s = c.shape;
  std::vector<double> out;
  for (int64_t row = 0; row < s.batch * s.heads * s.queries; ++row) {
    const int64_t h = row / s.queries;
    const auto w = naive_weights(c, h / s.heads, h % s.heads, row % s.queries);
    for (int64_t d = 0; d < s.value_dim; ++d) {
      double total = 0;
      for (int64_t j = 0; j < s.keys; ++j) {
        total += w[static_cast<size_t>(j)] *
                 static_cast<double>(c.v[static_cast<size_t>((h * s.keys + j) * s.value_dim + d)]);
      }
      out.push_back(total);
    }
  }
  return out;
}

template <class T>
double objective(const Case<T>& c) {
  const auto out = c.forward();
  double total = 0;
  for (size_t i = 0; i < out.size(); ++i) total += static_cast<double>(out[i] * c.dout[i]);
  return total;
}

void expect_gradients_equal_differences(Case<double> c) {
  const auto found = c.backward();
  std::vector<double> expected;
  for (auto* x : {&c.q, &c.k, &c.v}) {
    for (double& value : *x) {
      const double saved = value;
      value = saved + 1e-5;
      const double above = objective(c);
      value = saved - 1e-5;
      expected.push_back((above - objective(c)) / 2e-5);
      value = saved;
    }
  }
  expect_near(found, expected, 1e-8);
}

const std::vector<AttentionShape> shapes = {
    {1, 1, 1, 1, 1, 1}, {2, 3, 5, 7, 4, 6}, {1, 2, 130, 70, 8, 8}, {1, 2, 70, 300, 16, 5}};

template <class T>
std::vector<T> relative_positions(const AttentionShape& s) {
  return numbers<T>(s.heads * s.queries * s.keys, 9);
}

// Calls f(case) for the case without mask, with either kind of mask, and causal both ways.
template <class T, class F>
void for_each_kind(const AttentionShape& s, F f) {
  f(Case<T>(s));
  Case<T> masked(s);
  std::vector<uint8_t> allowed(static_cast<size_t>(s.batch * s.keys));
  for (size_t i = 0; i < allowed.size(); ++i) allowed[i] = i % 3 != 1 || i < 2;
  masked.options.mask = {
      .allowed = reinterpret_cast<const bool*>(allowed.data()), .batch = s.keys, .col = 1};
  f(masked);
  Case<T> biased(s);
  const auto added = relative_positions<T>(s);
  biased.options.mask = {
      .added = added.data(), .head = s.queries * s.keys, .row = 1, .col = s.queries};
  f(biased);
  for (int64_t diagonal : {int64_t{0}, s.keys - s.queries}) {
    Case<T> causal(s);
    causal.options.causal = true;
    causal.options.diagonal = diagonal;
    f(causal);
  }
}

TEST(Attention, AgreesWithTheDefinitionAtEveryInstructionSet) {
  at_every_simd_level([] {
    for (const AttentionShape& s : shapes) {
      for_each_kind<float>(s, [](const auto& c) { expect_near(c.forward(), naive(c), 2e-6); });
      for_each_kind<double>(s, [](const auto& c) { expect_near(c.forward(), naive(c), 1e-13); });
    }
  });
}

TEST(Attention, BackwardAgreesWithDifferences) {
  for_each_kind<double>({2, 2, 5, 7, 3, 4}, expect_gradients_equal_differences);
  for_each_kind<double>({1, 1, 6, 3, 2, 2}, expect_gradients_equal_differences);
  for_each_kind<double>({1, 1, 67, 70, 2, 1}, expect_gradients_equal_differences);
  // The first two blocks of rows see nothing where they are aligned at the bottom right.
  for_each_kind<double>({1, 1, 70, 3, 2, 2}, expect_gradients_equal_differences);
}

TEST(Attention, BackwardOfFloatsAgreesWithDoubles) {
  at_every_simd_level([] {
    const AttentionShape s = {2, 2, 200, 190, 32, 32};
    for (bool causal : {false, true}) {
      Case<float> floats(s);
      Case<double> exact(s);
      floats.options.causal = exact.options.causal = causal;
      expect_near(floats.backward(), exact.backward(), 5e-6);
      floats.options.dropout = exact.options.dropout = 0.3;
      expect_near(floats.backward(), exact.backward(), 5e-6);
    }
  });
}

template <class T>
void expect_zeros_where_nothing_is_seen() {
  Case<T> c({1, 2, 5, 3, 4, 4});  // bottom-right: rows 0 and 1 see nothing
  c.options.causal = true;
  c.options.diagonal = -2;
  const auto out = c.forward(), d = c.backward();
  EXPECT_TRUE(std::all_of(out.begin(), out.begin() + 8, [](T x) { return x == 0; }));
  EXPECT_NE(out[8], 0);
  EXPECT_TRUE(std::all_of(d.begin(), d.begin() + 8, [](T x) { return x == 0; }));
  const bool no = false;
  c.options = {.mask = {.allowed = &no}};
  for (const auto& values : {c.forward(), c.backward(), c.weights()}) {
    for (T value : values) EXPECT_EQ(value, 0);
  }
  c.k[0] = std::numeric_limits<T>::quiet_NaN();  // of the first head, which has 5 · 4 outputs
  const auto with_nan = c.forward();
  for (size_t i = 0; i < with_nan.size(); ++i) EXPECT_EQ(std::isnan(with_nan[i]), i < 20) << i;
}

TEST(Attention, FullyMaskedRowsGiveZerosAndZeroGradients) {
  at_every_simd_level([] {
    expect_zeros_where_nothing_is_seen<float>();
    expect_zeros_where_nothing_is_seen<double>();
  });
}

TEST(Attention, AFiniteMaskGivesTheMeanOfTheValues) {
  Case<float> c({1, 1, 2, 4, 3, 1});
  const float low = -1e9f;
  c.options.mask.added = &low;
  const double mean = (static_cast<double>(c.v[0]) + c.v[1] + c.v[2] + c.v[3]) / 4;
  expect_near(c.forward(), std::vector<double>{mean, mean}, 1e-6);
}

TEST(Attention, NaNInAQueryStaysInItsRowAndWithTheValuesThatItSees) {
  const int64_t length = 96, at = 40, width = 2;
  Case<float> c({1, 1, length, length, width, width});
  c.options.causal = true;
  c.q[at * width] = std::numeric_limits<float>::quiet_NaN();
  at_every_simd_level([&] {
    const auto out = c.forward(), weights = c.weights(), gradients = c.backward();
    const std::vector<float> dv(gradients.begin() + 2 * length * width, gradients.end());
    for (int64_t i = 0; i < length; ++i) {
      EXPECT_EQ(std::isnan(out[static_cast<size_t>(i * width)]), i == at) << i;
      EXPECT_EQ(std::isnan(weights[static_cast<size_t>(at * length + i)]), i <= at) << i;
      EXPECT_EQ(std::isnan(dv[static_cast<size_t>(i * width)]), i <= at) << i;
    }
  });
}

template <class T>
void expect_nan_of_hidden_keys_and_values() {
  const bool allowed[] = {true, true, true, false};
  for (bool causal : {false, true}) {
    for (bool in_key : {false, true}) {
      Case<T> c({1, 1, 3, 4, 2, 2});
      (in_key ? c.k : c.v).back() = std::numeric_limits<T>::quiet_NaN();
      c.options.causal = causal;
      if (!causal) c.options.mask = {.allowed = allowed, .col = 1};
      const auto out = c.forward();
      for (size_t row = 0; row < 3; ++row) EXPECT_TRUE(std::isnan(out[2 * row + 1])) << row;
    }
  }
}

// In what vectors take of a row, and in what they leave over.
template <class T>
void expect_nan_of_a_later_place(size_t place) {
  constexpr size_t width = 20;
  for (bool in_key : {false, true}) {
    Case<T> c({1, 1, 3, 4, width, width});
    c.options.causal = true;
    (in_key ? c.k : c.v)[3 * width + place] =
        in_key ? std::numeric_limits<T>::quiet_NaN() : std::numeric_limits<T>::infinity();
    const auto out = c.forward();
    for (size_t row = 0; row < 3; ++row) EXPECT_TRUE(std::isnan(out[width * row + place])) << row;
  }
}

TEST(Attention, NaNInAHiddenKeyOrValueReachesTheOutput) {
  at_every_simd_level([] {
    for (const size_t place : {3, 12, 18}) {
      expect_nan_of_a_later_place<float>(place);
      expect_nan_of_a_later_place<double>(place);
    }
    expect_nan_of_hidden_keys_and_values<float>();
    expect_nan_of_hidden_keys_and_values<double>();
  });
}

TEST(Attention, WeightsSumToOneAndTimesTheValuesGiveTheOutput) {
  const AttentionShape s = {2, 2, 70, 70, 8, 1};
  for_each_kind<double>(s, [&](const Case<double>& c) {
    const auto w = c.weights(), out = c.forward();
    for (int64_t row = 0; row < s.batch * s.heads * s.queries; ++row) {
      double total = 0, value = 0;
      for (int64_t j = 0; j < s.keys; ++j) {
        const double weight = w[static_cast<size_t>(row * s.keys + j)];
        total += weight;
        value += weight * c.v[static_cast<size_t>(row / s.queries * s.keys + j)];
      }
      ASSERT_NEAR(total, 1, 1e-13);
      ASSERT_NEAR(value, out[static_cast<size_t>(row)], 1e-13);
    }
  });
}

TEST(Attention, DropoutKeepsItsShareAndScalesIt) {
  Case<double> c({4, 2, 64, 100, 4, 1});
  const auto plain = c.weights();
  c.options.dropout = 0.25;
  c.options.key = 7;
  const auto dropped = c.weights();
  int64_t zeros = 0;
  for (size_t i = 0; i < plain.size(); ++i) {
    zeros += dropped[i] == 0;
    if (dropped[i] != 0) {
      ASSERT_NEAR(dropped[i], plain[i] / 0.75, 1e-14);
    }
  }
  const double n = static_cast<double>(plain.size());
  EXPECT_NEAR(static_cast<double>(zeros) / n, 0.25, 5 * std::sqrt(0.25 * 0.75 / n));
  c.options.offset = static_cast<uint64_t>(attention_dropout_blocks(c.shape));
  EXPECT_NE(c.weights(), dropped);
}

TEST(Attention, DropoutOfAWeightDependsOnItsPlaceAlone) {
  Case<double> c({1, 2, 70, 70, 4, 1});
  c.options.dropout = 0.5;
  const auto all = c.weights();
  c.options.causal = true;
  const auto causal = c.weights();
  std::set<std::vector<bool>> dropped;
  for (int64_t row = 0; row < 140; ++row) {
    std::vector<bool> zeros;
    for (int64_t j = 0; j < 70; ++j) {
      const auto at = static_cast<size_t>(row * 70 + j);
      zeros.push_back(all[at] == 0);
      if (j <= row % 70) {
        ASSERT_EQ(all[at] == 0, causal[at] == 0);
      }
    }
    EXPECT_TRUE(dropped.insert(zeros).second) << row;
  }
}

TEST(Attention, BackwardDropsTheSameWeightsAsForward) {
  for (bool causal : {false, true}) {
    Case<double> c({1, 2, 37, 40, 3, 2});
    c.options.causal = causal;
    c.options.dropout = 0.4;
    c.options.key = 3;
    c.options.offset = 1000;
    expect_gradients_equal_differences(c);
  }
}

TEST(Attention, ReadsAndWritesViewsWithHeadsInside) {
  const Case<float> c({2, 3, 6, 6, 4, 4});
  const auto inside = [](const std::vector<float>& x) {  // [2, 3, 6, 4] to [2, 6, 3, 4]
    std::vector<float> out(x.size());
    for (size_t i = 0; i < x.size(); ++i) {
      const size_t b = i / 72, h = i / 24 % 3, t = i / 4 % 6, d = i % 4;
      out[((b * 6 + t) * 3 + h) * 4 + d] = x[i];
    }
    return out;
  };
  const auto q = inside(c.q), k = inside(c.k), v = inside(c.v);
  std::vector<float> out(c.dout.size());
  const auto rows = []<class U>(U* data) { return Rows<U>{data, 72, 4, 12}; };
  attention(c.shape, rows(q.data()), rows(k.data()), rows(v.data()), c.options, rows(out.data()),
            nullptr);
  EXPECT_EQ(out, inside(c.forward()));
}

// The products of a head that is alone are shared among the threads.
TEST(Attention, OfOneHeadGivesTheSameBitsOnAnyNumberOfThreads) {
  Case<float> c({1, 1, 300, 300, 64, 64});
  c.options.causal = true;
  expect_same_bits_on_any_threads([&] { return c.forward(); });
  expect_same_bits_on_any_threads([&] { return c.backward(); });
}

TEST(Attention, GivesTheSameBitsOnAnyNumberOfThreads) {
  for (const AttentionShape& s : {AttentionShape{3, 3, 64, 64, 32, 32}, {1, 1, 200, 300, 32, 32}}) {
    Case<float> c(s);
    c.options.dropout = 0.1;
    for (bool causal : {false, true}) {
      c.options.causal = causal;
      expect_same_bits_on_any_threads([&] { return c.forward(); });
      expect_same_bits_on_any_threads([&] { return c.backward(); });
    }
  }
}

TEST(Attention, OfNoKeysOrNoQueriesIsZeroOrNothing) {
  Case<float> no_keys({1, 1, 3, 0, 4, 2});
  EXPECT_EQ(no_keys.forward(), std::vector<float>(6, 0.0f));
  EXPECT_EQ(no_keys.backward(), std::vector<float>(12, 0.0f));
  Case<float> no_queries({1, 1, 0, 3, 4, 2});
  EXPECT_TRUE(no_queries.forward().empty());
  EXPECT_EQ(no_queries.backward(), std::vector<float>(18, 0.0f));
}

}  // namespace
}  // namespace rill::kernels
