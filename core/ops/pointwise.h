#pragma once

#include <rill/core/autograd.h>
#include <rill/core/ops/kernel_call.h>

// Ops of one floating number each: a name, a kernel, and what the gradient is, as formula and as
// function.

namespace rill::detail {

/// kernel(x), whose gradient is gradient(dout, x).
template <class Gradient>
Tensor pointwise(const char* name, kernels::Unary kernel, const Tensor& x, const char* formula,
                 Gradient gradient) {
  Op op(name);
  want_floating(x);
  return op.record(run(kernel, x), row(x, formula, keep(x), gradient));
}

/// kernel(x), whose gradient is gradient(dout, out).
template <class Gradient>
Tensor pointwise_by_output(const char* name, kernels::Unary kernel, const Tensor& x,
                           const char* formula, Gradient gradient) {
  Op op(name);
  want_floating(x);
  const Tensor out = run(kernel, x);
  return op.record(out, row(x, formula, keep(out), gradient));
}

}  // namespace rill::detail
