#include <gtest/gtest.h>

#include <functional>
#include <map>
#include <set>

#include <rill/core/autograd.h>
#include <rill/core/inplace.h>

#include "tests/core/op_table.h"
#include "tests/support/expect.h"

// A tensor that was never given a value is refused, by every op and every method that wants one.

namespace rill::testing {
namespace {

Inputs inputs_of(const ReferenceCase& test) {
  Inputs inputs;
  for (const ReferenceTensor& input : test.inputs) inputs.push_back(to_tensor(input, float64));
  return inputs;
}

/// The op's result without input number `left_out`: "refused", "accepted", or what else happened.
std::string outcome_without(const ReferenceCase& test, size_t left_out) {
  Inputs inputs = inputs_of(test);
  inputs[left_out] = Tensor();
  try {
    static_cast<void>(op_table().at(test.op)(inputs, test.args));
  } catch (const Error& error) {
    return "refused";
  } catch (const std::exception& error) {
    return error.what();
  }
  return "accepted";
}

TEST(Undefined, IsRefusedByEveryOpButAsAnOption) {
  std::set<std::string> seen, with_options;
  for (const ReferenceCase& test : reference_cases("ops.json")) {
    if (!op_table().contains(test.op) ||
        !seen.insert(test.op + std::to_string(test.inputs.size())).second)
      continue;
    for (size_t i = 0; i < test.inputs.size(); ++i) {
      const std::string outcome = outcome_without(test, i);
      if (outcome == "accepted")
        with_options.insert(test.op);
      else
        EXPECT_EQ(outcome, "refused") << test.op << ", input " << i;
    }
  }
  EXPECT_GT(seen.size(), 80u);
  // Weights, biases and masks are options.
  EXPECT_EQ(with_options,
            (std::set<std::string>{"binary_cross_entropy_with_logits", "cross_entropy",
                                   "layer_norm", "linear", "nll_loss", "packed_attention",
                                   "rms_norm", "scaled_dot_product_attention"}));
}

TEST(Undefined, IsRefusedByEveryMethod) {
  const Tensor none, some = ones({2, 2}), leaf = ones({2, 2}).requires_grad_();
  const std::map<std::string, std::function<void()>> methods = {
      {"shape", [&] { none.shape(); }},
      {"strides", [&] { none.strides(); }},
      {"dims", [&] { none.dims(); }},
      {"size", [&] { none.size(0); }},
      {"numel", [&] { none.numel(); }},
      {"dtype", [&] { none.dtype(); }},
      {"is_contiguous", [&] { none.is_contiguous(); }},
      {"is_view", [&] { none.is_view(); }},
      {"version", [&] { none.version(); }},
      {"data", [&] { return static_cast<void>(none.data<float>()); }},
      {"raw_data", [&] { none.raw_data(); }},
      {"item", [&] { return static_cast<void>(none.item()); }},
      {"to_vector", [&] { return static_cast<void>(none.to_vector()); }},
      {"requires_grad", [&] { none.requires_grad(); }},
      {"requires_grad_", [&] { none.requires_grad_(); }},
      {"requires_grad_(false)", [&] { none.requires_grad_(false); }},
      {"is_leaf", [&] { none.is_leaf(); }},
      {"grad_fn", [&] { none.grad_fn(); }},
      {"grad", [&] { return static_cast<void>(none.grad()); }},
      {"set_grad", [&] { none.set_grad(some); }},
      {"set_grad of none", [&] { none.set_grad(none); }},
      {"retain_grad", [&] { none.retain_grad(); }},
      {"register_hook", [&] { none.register_hook([](const Tensor& g) { return g; }); }},
      {"remove_hook", [&] { none.remove_hook(0); }},
      {"backward", [&] { none.backward(); }},
      {"grad of none", [&] { return static_cast<void>(grad(none, leaf)); }},
      {"grad to none", [&] { return static_cast<void>(grad(leaf.sum(), none)); }},
      {"detach", [&] { return static_cast<void>(none.detach()); }},
      {"swap_data", [&] { none.swap_data(some); }},
      {"swap_data with none", [&] { some.swap_data(none); }},
      {"zero_", [&] { none.zero_(); }},
      {"fill_", [&] { none.fill_(1); }},
      {"copy_", [&] { none.copy_(some); }},
      {"copy_ of none", [&] { some.copy_(none); }},
      {"copy_ of none into none", [&] { none.copy_(none); }},
      {"add_", [&] { none.add_(some); }},
      {"add_ of none", [&] { some.add_(none); }},
      {"add_ of a number", [&] { none.add_(1); }},
      {"sub_", [&] { none.sub_(some); }},
      {"sub_ of none", [&] { some.sub_(none); }},
      {"mul_", [&] { none.mul_(some); }},
      {"mul_ of none", [&] { some.mul_(none); }},
      {"mul_ of a number", [&] { none.mul_(2); }},
      {"div_", [&] { none.div_(some); }},
      {"div_ of none", [&] { some.div_(none); }},
      {"begin_write", [&] { detail::begin_write(none); }},
      {"zeros_like", [&] { return static_cast<void>(zeros_like(none)); }},
      {"sum_to", [&] { return static_cast<void>(sum_to(none, {})); }},
      {"cat",
       [&] {
         return static_cast<void>(cat({some, none}));
       }},
      {"stack",
       [&] {
         return static_cast<void>(stack({none, some}));
       }},
      {"operator+", [&] { return static_cast<void>(none + 1); }},
      {"operator/", [&] { return static_cast<void>(1 / none); }},
  };
  for (const auto& [name, method] : methods) EXPECT_THROW(method(), Error) << name;
  EXPECT_EQ(none.to_string(), "tensor(undefined)");
}

}  // namespace
}  // namespace rill::testing
