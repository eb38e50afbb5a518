// The hot kernels of core/kernels at the sizes that they have in the models of recipes.h:
//   kernels_benchmark --benchmark_filter=gemm/nano
// FLOP are the multiplications and additions of its matrix products (of causal attention those with
// keys that are seen; in backward the scores are computed again), bytes what is read and written
// once, items elements. OMP_NUM_THREADS sets the threads.
#include <benchmark/benchmark.h>
#include <rill/core/kernels/attention.h>
#include <rill/core/kernels/cross_entropy.h>
#include <rill/core/kernels/elementwise.h>
#include <rill/core/kernels/gemm.h>
#include <rill/core/kernels/layer_norm.h>
#include <rill/core/kernels/optimizer.h>
#include <rill/core/kernels/philox.h>
#include <rill/core/kernels/softmax.h>

#include <string>
#include <utility>
#include <vector>

#include "recipes.h"

namespace {

using namespace rill;
using namespace rill::benchmarks;
using Floats = std::vector<float>;

int64_t rows_of(const Recipe& recipe) { return recipe.batch * recipe.length; }

size_t count(int64_t n) { return static_cast<size_t>(n); }

/// Normally distributed; another seed gives other numbers.
Floats random_floats(int64_t n, uint64_t seed = 1) {
  Floats values(count(n));
  kernels::normal(float32, n, seed, 0, 0, 1, values.data());
  return values;
}

/// What one call does; 0 is not shown.
struct Work {
  int64_t flop = 0, bytes = 0, elements = 0;
};

int64_t bytes_of(int64_t floats) { return floats * static_cast<int64_t>(sizeof(float)); }

template <class Call>
void measure(benchmark::State& state, Work work, Call call) {
  for (auto _ : state) {
    call();
    benchmark::ClobberMemory();
  }
  if (work.flop > 0)
    state.counters["FLOP"] = benchmark::Counter(static_cast<double>(work.flop),
                                                benchmark::Counter::kIsIterationInvariantRate);
  if (work.bytes > 0) state.SetBytesProcessed(state.iterations() * work.bytes);
  if (work.elements > 0) state.SetItemsProcessed(state.iterations() * work.elements);
}

/// `run(state)` under "kernel/model/detail".
template <class Run>
void add(const std::string& kernel, const Recipe& recipe, const std::string& detail, Run run) {
  const std::string model(recipe.name);
  benchmark::RegisterBenchmark(
      (kernel + "/" + model + (detail.empty() ? "" : "/" + detail)).c_str(), run)
      ->UseRealTime();
}

// ---- products ----

/// op(a) [m, k] · op(b) [k, n].
struct Product {
  const char* name;
  bool trans_a, trans_b;
  int64_t m, n, k;
};

void run_product(benchmark::State& state, const Product& p) {
  const Floats a = random_floats(p.m * p.k), b = random_floats(p.k * p.n, 2);
  Floats c(count(p.m * p.n));
  const int64_t lda = p.trans_a ? p.m : p.k, ldb = p.trans_b ? p.k : p.n;
  measure(state, {.flop = 2 * p.m * p.n * p.k}, [&] {
    kernels::gemm<float>(p.trans_a, p.trans_b, p.m, p.n, p.k, 1, a.data(), lda, b.data(), ldb, 0,
                         c.data(), p.n);
  });
}

/// The products of a linear layer: x Wᵀ, and the gradients dout W and doutᵀ x.
void add_linear(const Recipe& recipe, const std::string& layer, int64_t in, int64_t out) {
  const int64_t rows = rows_of(recipe);
  for (const Product& p :
       {Product{"forward", false, true, rows, out, in}, Product{"dx", false, false, rows, in, out},
        Product{"dweight", true, false, out, in, rows}})
    add("gemm", recipe, layer + "/" + p.name, [p](benchmark::State& s) { run_product(s, p); });
}

void add_products(const Recipe& recipe) {
  const int64_t width = recipe.width;
  add_linear(recipe, "in_proj", width, 3 * width);
  add_linear(recipe, "out_proj", width, width);
  add_linear(recipe, "linear1", width, 4 * width);
  add_linear(recipe, "linear2", 4 * width, width);
  add_linear(recipe, "head", width, vocabulary);
}

// ---- attention ----

/// Its operands as a model has them: q, k and v side by side in each row of the projection, and
/// their gradients likewise.
class AttentionCase {
 public:
  explicit AttentionCase(const Recipe& r)
      : shape_{r.batch, r.heads, r.length, r.length, r.width / r.heads, r.width / r.heads},
        projected_(random_floats(rows_of(r) * 3 * r.width)),
        dout_(random_floats(rows_of(r) * r.width, 2)),
        dprojected_(projected_.size()),
        out_(dout_.size()),
        lse_(count(r.heads * rows_of(r))) {
    options_.scale = 0.125F;
    options_.causal = r.kind == Kind::decoder;
    options_.dropout = r.dropout;
  }

  void forward() {
    kernels::attention<float>(shape_, part<const float>(projected_, 0),
                              part<const float>(projected_, 1), part<const float>(projected_, 2),
                              options_, joined<float>(out_), lse_.data());
  }
  void backward() {
    kernels::attention_backward<float>(
        shape_, part<const float>(projected_, 0), part<const float>(projected_, 1),
        part<const float>(projected_, 2), options_, joined<const float>(out_),
        joined<const float>(dout_), lse_.data(), part<float>(dprojected_, 0),
        part<float>(dprojected_, 1), part<float>(dprojected_, 2));
  }
  /// Of so many products of queries, keys and width.
  int64_t flop(int64_t products) const {
    const int64_t seen =
        options_.causal ? shape_.queries * (shape_.queries + 1) / 2 : shape_.queries * shape_.keys;
    return products * 2 * seen * shape_.dim * shape_.batch * shape_.heads;
  }

 private:
  /// q, k or v: [batch, rows, 3, heads, dim] with the heads before the rows.
  template <class T>
  kernels::Rows<T> part(Floats& values, int64_t which) const {
    const int64_t width = shape_.heads * shape_.dim;
    return {values.data() + which * width, shape_.queries * 3 * width, shape_.dim, 3 * width};
  }
  template <class T>
  kernels::Rows<T> joined(Floats& values) const {
    const int64_t width = shape_.heads * shape_.dim;
    return {values.data(), shape_.queries * width, shape_.dim, width};
  }

  kernels::AttentionShape shape_;
  kernels::Attention<float> options_;
  Floats projected_, dout_, dprojected_, out_;
  std::vector<double> lse_;
};

void add_attention(const Recipe& recipe) {
  add("attention", recipe, "", [&recipe](benchmark::State& state) {
    AttentionCase attention(recipe);
    measure(state, {.flop = attention.flop(2)}, [&] { attention.forward(); });
  });
  add("attention_backward", recipe, "", [&recipe](benchmark::State& state) {
    AttentionCase attention(recipe);
    attention.forward();
    measure(state, {.flop = attention.flop(5)}, [&] { attention.backward(); });
  });
}

// ---- rows ----

void add_softmax(const Recipe& recipe) {
  const int64_t rows = rows_of(recipe), cols = recipe.length;
  const Work work{.bytes = bytes_of(2 * rows * cols), .elements = rows * cols};
  add("softmax", recipe, "", [=](benchmark::State& state) {
    const Floats x = random_floats(rows * cols);
    Floats out(x.size());
    measure(state, work, [&] { kernels::softmax(rows, cols, x.data(), out.data()); });
  });
  add("softmax_backward", recipe, "", [=](benchmark::State& state) {
    const Floats x = random_floats(rows * cols), dout = random_floats(rows * cols, 2);
    Floats out(x.size()), dx(x.size());
    kernels::softmax(rows, cols, x.data(), out.data());
    measure(state, {.bytes = bytes_of(3 * rows * cols), .elements = rows * cols},
            [&] { kernels::softmax_backward(rows, cols, dout.data(), out.data(), dx.data()); });
  });
}

void run_layer_norm(benchmark::State& state, int64_t rows, int64_t cols, bool backward) {
  const Floats x = random_floats(rows * cols), dout = random_floats(rows * cols, 2);
  const Floats weight(count(cols), 1), bias(count(cols), 0);
  Floats out(x.size()), dweight(weight.size()), dbias(bias.size());
  std::vector<double> mean(count(rows)), rstd(count(rows));
  const auto forward = [&] {
    kernels::layer_norm(rows, cols, 1e-5, x.data(), weight.data(), bias.data(), out.data(),
                        mean.data(), rstd.data());
  };
  const int64_t n = rows * cols;
  if (!backward) return measure(state, {.bytes = bytes_of(2 * n), .elements = n}, forward);
  forward();
  measure(state, {.bytes = bytes_of(3 * n), .elements = n}, [&] {
    kernels::layer_norm_backward(rows, cols, dout.data(), x.data(), weight.data(), mean.data(),
                                 rstd.data(), out.data(), dweight.data(), dbias.data());
  });
}

void run_cross_entropy(benchmark::State& state, int64_t rows, bool backward) {
  const int64_t n = rows * vocabulary;
  const Floats logits = random_floats(n), dlosses(count(rows), 1 / static_cast<float>(rows));
  std::vector<int64_t> targets(count(rows));
  kernels::random_integers(rows, 1, 0, 0, vocabulary, targets.data());
  Floats losses(count(rows)), dlogits(count(n));
  std::vector<double> lse(count(rows));
  const auto forward = [&] {
    kernels::cross_entropy<float>(rows, vocabulary, logits.data(), targets.data(), {},
                                  losses.data(), lse.data());
  };
  if (!backward) return measure(state, {.bytes = bytes_of(n), .elements = n}, forward);
  forward();
  measure(state, {.bytes = bytes_of(2 * n), .elements = n}, [&] {
    kernels::cross_entropy_backward<float>(rows, vocabulary, logits.data(), targets.data(), {},
                                           lse.data(), dlosses.data(), dlogits.data());
  });
}

void add_rows(const Recipe& recipe) {
  const int64_t rows = rows_of(recipe), width = recipe.width;
  add_softmax(recipe);
  for (const bool backward : {false, true}) {
    const std::string direction = backward ? "_backward" : "";
    add("layer_norm" + direction, recipe, "",
        [=](benchmark::State& s) { run_layer_norm(s, rows, width, backward); });
    add("cross_entropy" + direction, recipe, "",
        [=](benchmark::State& s) { run_cross_entropy(s, rows, backward); });
  }
}

// ---- elements: those of the feed-forward layer --------------------------------------------------

constexpr int64_t adjacent = 1;

void run_unary(benchmark::State& state, kernels::Unary op, int64_t n) {
  const Floats x = random_floats(n);
  Floats out(x.size());
  measure(state, {.bytes = bytes_of(2 * n), .elements = n}, [&] {
    kernels::unary(op, float32, 1, &n, {x.data(), &adjacent}, out.data());
  });
}

void run_binary(benchmark::State& state, kernels::Binary op, int64_t n) {
  const Floats a = random_floats(n), b = random_floats(n, 2);
  Floats out(a.size());
  measure(state, {.bytes = bytes_of(3 * n), .elements = n}, [&] {
    kernels::binary(op, float32, 1, &n, {a.data(), &adjacent}, {b.data(), &adjacent}, out.data());
  });
}

void run_dropout(benchmark::State& state, int64_t n) {
  const Floats x = random_floats(n);
  Floats out(x.size());
  measure(state, {.bytes = bytes_of(2 * n), .elements = n},
          [&] { kernels::dropout(float32, n, 1, 0, 0.1, x.data(), out.data()); });
}

void add_elements(const Recipe& recipe) {
  using kernels::Binary, kernels::Unary;
  const int64_t n = rows_of(recipe) * 4 * recipe.width;
  const std::vector<std::pair<const char*, Unary>> unaries{{"exp", Unary::exp},
                                                           {"tanh", Unary::tanh},
                                                           {"erf", Unary::erf},
                                                           {"gelu", Unary::gelu},
                                                           {"gelu_tanh", Unary::gelu_tanh}};
  for (const auto& [name, op] : unaries)
    add(name, recipe, "", [n, op = op](benchmark::State& s) { run_unary(s, op, n); });
  const std::vector<std::pair<const char*, Binary>> binaries{
      {"add", Binary::add},
      {"mul", Binary::mul},
      {"gelu_backward", Binary::gelu_grad},
      {"gelu_tanh_backward", Binary::gelu_tanh_grad}};
  for (const auto& [name, op] : binaries)
    add(name, recipe, "", [n, op = op](benchmark::State& s) { run_binary(s, op, n); });
  add("dropout", recipe, "", [n](benchmark::State& s) { run_dropout(s, n); });
}

// ---- parameters ----

/// How many elements each parameter of the model has.
std::vector<int64_t> parameter_sizes(const Recipe& recipe) {
  const int64_t width = recipe.width;
  std::vector<int64_t> sizes{vocabulary * width, recipe.length * width, width, width};
  const std::vector<int64_t> rows_of_layer{1,     1, 1,         1, 3 * width, 3,
                                           width, 1, 4 * width, 4, 4 * width, 1};
  for (int64_t layer = 0; layer < recipe.layers; ++layer)
    for (const int64_t rows : rows_of_layer) sizes.push_back(rows * width);
  return sizes;
}

int64_t sum(const std::vector<int64_t>& sizes) {
  int64_t total = 0;
  for (const int64_t size : sizes) total += size;
  return total;
}

void run_adam(benchmark::State& state, const std::vector<int64_t>& sizes) {
  const int64_t n = sum(sizes);
  const Floats grad = random_floats(n);
  Floats param = random_floats(n, 2), m(grad.size()), v(grad.size());
  std::vector<kernels::AdamSpan<float>> spans;
  int64_t at = 0;
  for (const int64_t size : sizes) {
    spans.push_back(
        {size, param.data() + at, grad.data() + at, m.data() + at, v.data() + at, nullptr, 1});
    at += size;
  }
  measure(state, {.bytes = bytes_of(7 * n), .elements = n}, [&] {
    for (kernels::AdamSpan<float>& span : spans) ++span.step;
    kernels::adam<float>(static_cast<int64_t>(spans.size()), spans.data(),
                         {.weight_decay = 0.1, .decoupled = true});
  });
}

/// Norm and scaling, as when gradients are clipped.
void run_clip_norm(benchmark::State& state, const std::vector<int64_t>& sizes) {
  const int64_t n = sum(sizes);
  Floats grad = random_floats(n);
  std::vector<kernels::Span<float>> spans;
  std::vector<kernels::Span<const float>> read;
  int64_t at = 0;
  for (const int64_t size : sizes) {
    spans.push_back({size, grad.data() + at});
    read.push_back({size, grad.data() + at});
    at += size;
  }
  const auto spans_count = static_cast<int64_t>(spans.size());
  measure(state, {.bytes = bytes_of(3 * n), .elements = n}, [&] {
    const double squares = kernels::sum_of_squares<float>(spans_count, read.data());
    kernels::scale<float>(spans_count, spans.data(), squares > 0 ? 1 : 0.5);
  });
}

void add_parameters(const Recipe& recipe) {
  const std::vector<int64_t> sizes = parameter_sizes(recipe);
  add("adam", recipe, "", [=](benchmark::State& s) { run_adam(s, sizes); });
  add("clip_norm", recipe, "", [=](benchmark::State& s) { run_clip_norm(s, sizes); });
}

}  // namespace

int main(int argc, char** argv) {
  for (const Recipe& recipe : recipes) {
    if (recipe.name == "mlp" || recipe.name == "micro" || recipe.name == "nano-dropout") continue;
    add_products(recipe);
    add_attention(recipe);
    add_rows(recipe);
    add_elements(recipe);
    add_parameters(recipe);
  }
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 1;
  benchmark::RunSpecifiedBenchmarks();
  benchmark::Shutdown();
}
