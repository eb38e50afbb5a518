#include "tests/core/op_table.h"

namespace rill::testing {
namespace {

std::optional<double> optional(const Args& args, const char* name) {
  return args.has(name) ? std::optional(args.number(name)) : std::nullopt;
}

Tensor lerp_of(const Inputs& x, const Args& args) {
  return args.has("weight") ? lerp(x[0], x[1], args.number("weight")) : lerp(x[0], x[1], x[2]);
}

Tensor addmm_of(const Inputs& x, const Args& args) {
  return addmm(x[0], x[1], x[2], args.number("beta", 1), args.number("alpha", 1));
}

Tensor nan_to_num_of(const Inputs& x, const Args& args) {
  return nan_to_num(x[0], args.number("nan", 0), optional(args, "posinf"),
                    optional(args, "neginf"));
}

Tensor count_nonzero_of(const Inputs& x, const Args& args) {
  return count_nonzero(x[0], args.has("dims") ? Shape(args.integers("dims")) : Shape());
}

}  // namespace

OpTable further_ops() {
  return {
      {"lerp", lerp_of},
      {"addcmul",
       [](const Inputs& x, const Args& args) {
         return addcmul(x[0], x[1], x[2], args.number("value", 1));
       }},
      {"addcdiv",
       [](const Inputs& x, const Args& args) {
         return addcdiv(x[0], x[1], x[2], args.number("value", 1));
       }},
      {"addmm", addmm_of},
      {"dot", [](const Inputs& x, const Args&) { return dot(x[0], x[1]); }},
      {"nan_to_num", nan_to_num_of},
      {"logit",
       [](const Inputs& x, const Args& args) { return logit(x[0], optional(args, "eps")); }},
      {"count_nonzero", count_nonzero_of},
      {"unique", [](const Inputs& x, const Args&) { return unique(x[0]); }},
  };
}

}  // namespace rill::testing
