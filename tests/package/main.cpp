#include <rill/rill.h>

#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

// What a program outside of rill does with it, where library and program share their state: it may
// hide its symbols from the library.

namespace {

bool all_right = true;

void expect(bool is_right, const char* what) {
  if (!is_right) std::fprintf(stderr, "wrong: %s\n", what);
  all_right = all_right && is_right;
}

/// A program's own op, of which the library keeps the row.
rill::Tensor twice(const rill::Tensor& x) {
  rill::Op op("twice");
  rill::Tensor out;
  {
    const rill::NoGradGuard no_grad;
    out = x + x;
  }
  return op.record(out, rill::row(x, "2 dout", [](const rill::Tensor& dout) { return dout * 2; }));
}

class Model final : public rill::nn::Layer<Model> {
 public:
  Model() : fc(register_module("fc", rill::nn::Linear(2, 1))) {}
  rill::Tensor forward(const rill::Tensor& x) const { return twice(fc(x)); }
  const rill::nn::Linear fc;
};

class Counter final : public rill::Observer {
 public:
  void on_begin(const char*) override { ++ops; }
  int ops = 0;
};

/// Works on when the rest of the program has ended.
struct LastWord {
  ~LastWord() {
    const rill::Tensor x = rill::ones({64, 64});
    if (rill::matmul(x, x).sum().item() != 64.0 * 64 * 64) std::_Exit(EXIT_FAILURE);
  }
};
const LastWord last_word;

void check_gradients() {
  const rill::Tensor w = rill::tensor({{0.5}, {-1.0}}).requires_grad_();
  rill::matmul(rill::tensor({{1.0, 2.0}, {3.0, 4.0}}), w).pow(2).sum().backward();
  // x w = (-1.5, -2.5) and the gradient is 2 xᵀ (x w) = (-18, -26).
  expect(w.grad().to_vector<float>() == std::vector<float>{-18.0f, -26.0f}, "the gradient");
  const rill::NoGradGuard no_grad;
  expect(!(w * 2).requires_grad(), "NoGradGuard");
}

void check_own_op() {
  const rill::Tensor x = rill::tensor({3.0}).requires_grad_();
  twice(x).sum().backward();
  expect(x.grad().defined() && x.grad().item() == 2, "an op of one's own");
}

void check_errors() {
  std::string message;
  try {
    static_cast<void>(Model()(rill::ones({1, 3})));
  } catch (const rill::ShapeError& error) {
    message = error.what();
  } catch (...) {
    message = "another exception";
  }
  expect(message.starts_with("fc: linear: "), ("the path of an error: " + message).c_str());
}

void check_observer() {
  const Model model;
  Counter counter;
  const rill::ObserverGuard watching(counter);
  static_cast<void>(model(rill::ones({1, 2})));
  expect(counter.ops == 3, "an observer sees linear, twice and add");
}

void check_types() {
  const rill::Tensor w = rill::ones({2}).requires_grad_();
  rill::optim::AdamW adamw({w});
  const rill::optim::Optimizer* optimizer = &adamw;
  expect(dynamic_cast<const rill::optim::AdamW*>(optimizer), "an optimizer is what it was made as");
  expect(!dynamic_cast<const rill::optim::SGD*>(optimizer), "an optimizer is nothing else");
}

void check_version() {
  const std::string of_headers = std::to_string(RILL_VERSION_MAJOR) + "." +
                                 std::to_string(RILL_VERSION_MINOR) + "." +
                                 std::to_string(RILL_VERSION_PATCH);
  expect(rill::version() == of_headers, "the library is of the headers' version");
}

}  // namespace

int main() {
  check_gradients();
  check_own_op();
  check_errors();
  check_observer();
  check_types();
  check_version();
  return all_right ? EXIT_SUCCESS : EXIT_FAILURE;
}
