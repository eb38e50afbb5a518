#include "tests/core/op_table.h"

namespace rill::testing {
namespace {

using Unary = Tensor (*)(const Tensor&);
using Binary = Tensor (*)(const Tensor&, const Tensor&);
using WithNumber = Tensor (*)(const Tensor&, double);
using OfNumber = Tensor (*)(double, const Tensor&);

OpCall unary(Unary op) {
  return [op](const Inputs& x, const Args&) { return op(x[0]); };
}

OpCall binary(Binary op) {
  return [op](const Inputs& x, const Args&) { return op(x[0], x[1]); };
}

/// Two tensors, or a tensor and the number `scalar` on its right.
OpCall comparison(Binary op, WithNumber with_number) {
  return [=](const Inputs& x, const Args& args) {
    return args.has("scalar") ? with_number(x[0], args.number("scalar")) : op(x[0], x[1]);
  };
}

/// Two tensors, or a tensor and the number `scalar`, on its left where `reverse` says so.
OpCall arithmetic(Binary op, WithNumber with_number, OfNumber of_number) {
  return [=](const Inputs& x, const Args& args) {
    if (!args.has("scalar")) return op(x[0], x[1]);
    const double number = args.number("scalar");
    return args.flag("reverse") ? of_number(number, x[0]) : with_number(x[0], number);
  };
}

/// Over the `dims` that a case names, or all.
OpCall over_dims(Tensor (*op)(const Tensor&, const Shape&, bool)) {
  return [op](const Inputs& x, const Args& args) {
    return op(x[0], args.has("dims") ? Shape(args.integers("dims")) : Shape(),
              args.flag("keepdim"));
  };
}

Tensor pow_of(const Inputs& x, const Args& args) {
  if (args.has("base")) return pow(args.number("base"), x[0]);
  return args.has("exponent") ? pow(x[0], args.number("exponent")) : pow(x[0], x[1]);
}

std::optional<double> optional(const Args& args, const char* name) {
  return args.has(name) ? std::optional(args.number(name)) : std::nullopt;
}

Tensor clamp_of(const Inputs& x, const Args& args) {
  return clamp(x[0], optional(args, "min"), optional(args, "max"));
}

Tensor softplus_of(const Inputs& x, const Args& args) {
  return softplus(x[0], args.number("beta", 1), args.number("threshold", 20));
}

Tensor leaky_relu_of(const Inputs& x, const Args& args) {
  return leaky_relu(x[0], args.number("negative_slope", 0.01));
}

Tensor gelu_of(const Inputs& x, const Args& args) {
  return gelu(x[0], args.text("approximate", "none") == "tanh" ? Gelu::tanh : Gelu::exact);
}

Tensor where_of(const Inputs& x, const Args& args) {
  if (args.has("other")) return where(x[0], x[1], args.number("other"));
  if (args.has("input")) return where(x[0], args.number("input"), x[1]);
  return where(x[0], x[1], x[2]);
}

Tensor masked_fill_of(const Inputs& x, const Args& args) {
  return args.has("value") ? masked_fill(x[0], x[1], args.number("value"))
                           : masked_fill(x[0], x[1], x[2]);
}

Tensor tril_of(const Inputs& x, const Args& args) {
  return tril(x[0], args.integer("diagonal", 0));
}

Tensor triu_of(const Inputs& x, const Args& args) {
  return triu(x[0], args.integer("diagonal", 0));
}

}  // namespace

OpTable elementwise_ops() {
  return {
      {"add", arithmetic(add, add, add)},
      {"sub", arithmetic(sub, sub, sub)},
      {"mul", arithmetic(mul, mul, mul)},
      {"div", arithmetic(div, div, div)},
      {"floor_divide", comparison(floor_divide, floor_divide)},
      {"remainder", comparison(remainder, remainder)},
      {"pow", pow_of},
      {"neg", unary(neg)},
      {"exp", unary(exp)},
      {"log", unary(log)},
      {"log1p", unary(log1p)},
      {"sqrt", unary(sqrt)},
      {"rsqrt", unary(rsqrt)},
      {"sin", unary(sin)},
      {"cos", unary(cos)},
      {"abs", unary(abs)},
      {"sign", unary(sign)},
      {"floor", unary(floor)},
      {"ceil", unary(ceil)},
      {"round", unary(round)},
      {"erf", unary(erf)},
      {"clamp", clamp_of},
      {"maximum", comparison(maximum, maximum)},
      {"minimum", comparison(minimum, minimum)},
      {"tanh", unary(tanh)},
      {"sigmoid", unary(sigmoid)},
      {"softplus", softplus_of},
      {"relu", unary(relu)},
      {"leaky_relu", leaky_relu_of},
      {"gelu", gelu_of},
      {"silu", unary(silu)},
      {"eq", comparison(eq, eq)},
      {"ne", comparison(ne, ne)},
      {"lt", comparison(lt, lt)},
      {"le", comparison(le, le)},
      {"gt", comparison(gt, gt)},
      {"ge", comparison(ge, ge)},
      {"isclose",
       [](const Inputs& x, const Args& args) {
         return isclose(x[0], x[1], args.number("rtol", 1e-5), args.number("atol", 1e-8),
                        args.flag("equal_nan"));
       }},
      {"logical_not", unary(logical_not)},
      {"logical_and", binary(logical_and)},
      {"logical_or", binary(logical_or)},
      {"logical_xor", binary(logical_xor)},
      {"isnan", unary(isnan)},
      {"isfinite", unary(isfinite)},
      {"any", over_dims(any)},
      {"all", over_dims(all)},
      {"where", where_of},
      {"masked_fill", masked_fill_of},
      {"tril", tril_of},
      {"triu", triu_of},
  };
}

}  // namespace rill::testing
