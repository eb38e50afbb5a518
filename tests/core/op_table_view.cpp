#include <stdexcept>

#include "tests/core/op_table.h"

namespace rill::testing {
namespace {

template <class Op>
OpCall to_shape(Op op) {
  return
      [op](const Inputs& x, const Args& args) { return op(x[0], Shape(args.integers("shape"))); };
}

Tensor transpose_of(const Inputs& x, const Args& args) {
  return transpose(x[0], args.integer("dim0"), args.integer("dim1"));
}

Tensor permute_of(const Inputs& x, const Args& args) {
  return permute(x[0], Shape(args.integers("dims")));
}

Tensor narrow_of(const Inputs& x, const Args& args) {
  return narrow(x[0], args.integer("dim"), args.integer("start"), args.integer("length"));
}

Tensor roll_of(const Inputs& x, const Args& args) {
  return roll(x[0], args.integers("shifts"),
              args.has("dims") ? Shape(args.integers("dims")) : Shape());
}

Tensor slice_of(const Inputs& x, const Args& args) {
  if (!args.has("end")) return slice(x[0], args.integer("dim"), args.integer("start"));
  return slice(x[0], args.integer("dim"), args.integer("start"), args.integer("end"),
               args.integer("step", 1));
}

Tensor select_of(const Inputs& x, const Args& args) {
  return select(x[0], args.integer("dim"), args.integer("index"));
}

Tensor squeeze_of(const Inputs& x, const Args& args) {
  return args.has("dim") ? squeeze(x[0], args.integer("dim")) : squeeze(x[0]);
}

Tensor unsqueeze_of(const Inputs& x, const Args& args) {
  return unsqueeze(x[0], args.integer("dim"));
}

Tensor flatten_of(const Inputs& x, const Args& args) {
  return flatten(x[0], args.integer("start_dim", 0), args.integer("end_dim", -1));
}

std::vector<Tensor> split_of(const Inputs& x, const Args& args) {
  const int64_t dim = args.integer("dim", 0);
  return args.has("sizes") ? split(x[0], args.integers("sizes"), dim)
                           : split(x[0], args.integer("size"), dim);
}

std::vector<Tensor> chunk_of(const Inputs& x, const Args& args) {
  return chunk(x[0], args.integer("chunks"), args.integer("dim", 0));
}

Tensor diagonal_of(const Inputs& x, const Args& args) {
  return diagonal(x[0], args.integer("offset", 0), args.integer("dim1", 0),
                  args.integer("dim2", 1));
}

DType dtype_named(const std::string& name) {
  for (const DType dtype : {float32, float64, int64, bool_})
    if (name == name_of(dtype)) return dtype;
  throw std::invalid_argument("no dtype " + name);
}

}  // namespace

OpTable view_ops() {
  return {
      {"view", to_shape(view)},
      {"reshape", to_shape(reshape)},
      {"expand", to_shape(expand)},
      {"transpose", transpose_of},
      {"permute", permute_of},
      {"movedim",
       [](const Inputs& x, const Args& args) {
         return movedim(x[0], Shape(args.integers("source")), Shape(args.integers("destination")));
       }},
      {"narrow", narrow_of},
      {"slice", slice_of},
      {"select", select_of},
      {"squeeze", squeeze_of},
      {"unsqueeze", unsqueeze_of},
      {"flatten", flatten_of},
      {"flip", [](const Inputs& x, const Args& args) { return flip(x[0], args.integers("dims")); }},
      {"roll", roll_of},
      {"repeat",
       [](const Inputs& x, const Args& args) { return repeat(x[0], args.integers("times")); }},
      {"repeat_interleave",
       [](const Inputs& x, const Args& args) {
         return repeat_interleave(x[0], args.integer("times"), args.integer("dim"));
       }},
      {"pad",
       [](const Inputs& x, const Args& args) {
         return pad(x[0], args.integers("sides"), args.number("value", 0));
       }},
      {"unbind",
       [](const Inputs& x, const Args& args) { return unbind(x[0], args.integer("dim", 0)); }},
      {"split", split_of},
      {"chunk", chunk_of},
      {"diagonal", diagonal_of},
      {"diag",
       [](const Inputs& x, const Args& args) { return diag(x[0], args.integer("offset", 0)); }},
      {"alias", [](const Inputs& x, const Args&) { return alias(x[0]); }},
      {"cat", [](const Inputs& x, const Args& args) { return cat(x, args.integer("dim", 0)); }},
      {"stack", [](const Inputs& x, const Args& args) { return stack(x, args.integer("dim", 0)); }},
      {"clone", [](const Inputs& x, const Args&) { return clone(x[0]); }},
      {"contiguous", [](const Inputs& x, const Args&) { return contiguous(x[0]); }},
      {"to",
       [](const Inputs& x, const Args& args) { return to(x[0], dtype_named(args.text("dtype"))); }},
  };
}

}  // namespace rill::testing
