#include <rill/rill.h>

#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <vector>

// rill computes rightly also inside a project that is compiled with -ffast-math.

namespace {

bool all_right = true;

void expect_near(const rill::Tensor& found, const std::vector<double>& expected, const char* what) {
  const std::vector<double> values = found.to_vector();
  bool is_right = values.size() == expected.size();
  for (std::size_t i = 0; i < expected.size() && is_right; ++i)
    is_right = std::abs(values[i] - expected[i]) < 1e-6;
  if (!is_right) std::fprintf(stderr, "wrong: %s\n", what);
  all_right = all_right && is_right;
}

}  // namespace

int main() {
  const rill::Tensor x = rill::tensor({0.3, -2.0, 1.0});
  expect_near(rill::exp(x), {1.349858808, 0.135335283, 2.718281828}, "exp");
  expect_near(rill::log(rill::exp(x)), {0.3, -2, 1}, "log");
  expect_near(rill::gelu(x), {0.185373427, -0.045500264, 0.841344746}, "gelu");
  expect_near(rill::softmax(x, 0), {0.321129188, 0.032196041, 0.646674771}, "softmax");
  const rill::Tensor logits = rill::tensor({{1.0, 2.0, 0.5}, {0.1, -1.0, 2.0}});
  expect_near(rill::cross_entropy(logits, rill::tensor({0, 2}, rill::int64)), {0.823076635},
              "loss");
  const rill::Tensor zero = rill::zeros({1}), not_a_number = zero / zero, infinite = 1.0 / zero;
  expect_near(rill::isnan(rill::cat({zero, not_a_number, infinite}, 0)), {0, 1, 0}, "isnan");
  expect_near(rill::isfinite(rill::cat({zero, not_a_number, infinite}, 0)), {1, 0, 0}, "isfinite");
  return all_right ? EXIT_SUCCESS : EXIT_FAILURE;
}
