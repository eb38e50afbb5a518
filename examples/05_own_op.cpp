// examples/05_own_op.cpp: an op of your own, softsign, with its gradient checked.
// Next: 06_own_layer
#include <rill/core/autograd.h>
#include <rill/core/gradcheck.h>
#include <rill/core/ops.h>
#include <rill/core/random.h>

#include <iostream>

#include "support/program.h"

using namespace rill;

namespace own {  // so that `own::softsign` stays this one should rill ever have its own

/// x / (1 + |x|). Its slope is 1 / (1 + |x|)².
Tensor softsign(const Tensor& x) {
  Op op("softsign");
  Tensor out;
  {
    const NoGradGuard no_grad;  // the row below is the gradient; what computes `out` needs none
    out = x / (1.0 + abs(x));
  }
  return op.record(
      out, row(x, "dout / (1 + |x|)²", keep(x),
               [](const Tensor& dout, const Tensor& x) { return dout / pow(1.0 + abs(x), 2); }));
}

/// The same with a slip in the gradient.
Tensor wrong_softsign(const Tensor& x) {
  Op op("wrong_softsign");
  Tensor out;
  {
    const NoGradGuard no_grad;
    out = x / (1.0 + abs(x));
  }
  return op.record(out,
                   row(x, "dout / (1 + |x|)", keep(x),
                       [](const Tensor& dout, const Tensor& x) { return dout / (1.0 + abs(x)); }));
}

}  // namespace own

int main(int argc, char** argv) {
  const examples::Program program(argc, argv);
  manual_seed(1);
  const Tensor x = randn({2, 3}, float64).requires_grad_();
  const auto right = [](const std::vector<Tensor>& in) { return own::softsign(in[0]); };
  const auto wrong = [](const std::vector<Tensor>& in) { return own::wrong_softsign(in[0]); };

  std::cout << "softsign(x) = " << own::softsign(x) << "\n\n";
  gradcheck(right, {x});
  gradgradcheck(right, {x});
  std::cout << "gradcheck and gradgradcheck of softsign: passed\n\n";
  try {
    gradcheck(wrong, {x});
  } catch (const Error& error) {
    std::cout << "gradcheck of the slip says:\n" << error.what() << "\n";
  }
}
