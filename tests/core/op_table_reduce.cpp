#include "tests/core/op_table.h"

namespace rill::testing {
namespace {

/// The op over all elements where a case names no dims, else along them.
template <class All, class Along>
auto reduction(All all, Along along) {
  return [=](const Inputs& x, const Args& args) {
    if (!args.has("dims")) return all(x[0], args);
    return along(x[0], Shape(args.integers("dims")), args.flag("keepdim"), args);
  };
}

OpCall sum_call() {
  return reduction([](const Tensor& x, const Args&) { return sum(x); },
                   [](const Tensor& x, const Shape& dims, bool keepdim, const Args&) {
                     return sum(x, dims, keepdim);
                   });
}

OpCall mean_call() {
  return reduction([](const Tensor& x, const Args&) { return mean(x); },
                   [](const Tensor& x, const Shape& dims, bool keepdim, const Args&) {
                     return mean(x, dims, keepdim);
                   });
}

OpCall spread(Tensor (*op)(const Tensor&, const Shape&, double, bool)) {
  return reduction(
      [op](const Tensor& x, const Args& args) {
        return op(x, {}, args.number("correction", 1), false);
      },
      [op](const Tensor& x, const Shape& dims, bool keepdim, const Args& args) {
        return op(x, dims, args.number("correction", 1), keepdim);
      });
}

OpCall norm_call() {
  return reduction([](const Tensor& x, const Args& args) { return norm(x, args.number("p", 2)); },
                   [](const Tensor& x, const Shape& dims, bool keepdim, const Args& args) {
                     return norm(x, args.number("p", 2), dims, keepdim);
                   });
}

OpCall amost(Tensor (*op)(const Tensor&, const Shape&, bool)) {
  return [op](const Inputs& x, const Args& args) {
    const Shape dims = args.has("dims") ? Shape(args.integers("dims")) : Shape();
    return op(x[0], dims, args.flag("keepdim"));
  };
}

Tensor logsumexp_of(const Inputs& x, const Args& args) {
  const Shape dims = args.has("dims") ? Shape(args.integers("dims")) : Shape();
  return logsumexp(x[0], dims, args.flag("keepdim"));
}

Tensor prod_of(const Inputs& x, const Args& args) {
  return args.has("dim") ? prod(x[0], args.integer("dim"), args.flag("keepdim")) : prod(x[0]);
}

Tensor cumsum_of(const Inputs& x, const Args& args) { return cumsum(x[0], args.integer("dim")); }

using ExtremumAll = Tensor (*)(const Tensor&);
using ExtremumAlong = ValuesAndIndices (*)(const Tensor&, int64_t, bool);
using IndexAlong = Tensor (*)(const Tensor&, int64_t, bool);

OpCall extremum(ExtremumAll all, ExtremumAlong along) {
  return [=](const Inputs& x, const Args& args) -> std::vector<Tensor> {
    if (!args.has("dim")) return {all(x[0])};
    const auto [values, indices] = along(x[0], args.integer("dim"), args.flag("keepdim"));
    return {values, indices};
  };
}

OpCall index_of_extremum(ExtremumAll all, IndexAlong along) {
  return [=](const Inputs& x, const Args& args) {
    return args.has("dim") ? along(x[0], args.integer("dim"), args.flag("keepdim")) : all(x[0]);
  };
}

ValuesAndIndices topk_of(const Inputs& x, const Args& args) {
  return topk(x[0], args.integer("k"), args.integer("dim", -1), args.flag("largest", true));
}

ValuesAndIndices sort_of(const Inputs& x, const Args& args) {
  return sort(x[0], args.integer("dim", -1), args.flag("descending"));
}

}  // namespace

OpTable reduce_ops() {
  return {
      {"sum", sum_call()},
      {"mean", mean_call()},
      {"var", spread(var)},
      {"std", spread(rill::std)},
      {"prod", prod_of},
      {"norm", norm_call()},
      {"logsumexp", logsumexp_of},
      {"cumsum", cumsum_of},
      {"max", extremum(max, max)},
      {"min", extremum(min, min)},
      {"amax", amost(amax)},
      {"amin", amost(amin)},
      {"median", extremum(median, median)},
      {"argmax", index_of_extremum(argmax, argmax)},
      {"argmin", index_of_extremum(argmin, argmin)},
      {"topk", topk_of},
      {"sort", sort_of},
  };
}

}  // namespace rill::testing
