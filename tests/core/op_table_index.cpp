#include "tests/core/op_table.h"

namespace rill::testing {
namespace {

Tensor embedding_of(const Inputs& x, const Args& args) {
  return embedding(x[0], x[1],
                   {.padding_idx = args.integer("padding_idx", -1),
                    .scale_grad_by_freq = args.flag("scale_grad_by_freq")});
}

Tensor index_select_of(const Inputs& x, const Args& args) {
  return index_select(x[0], args.integer("dim"), x[1]);
}

Tensor gather_of(const Inputs& x, const Args& args) {
  return gather(x[0], args.integer("dim"), x[1]);
}

Tensor scatter_add_of(const Inputs& x, const Args& args) {
  return scatter_add(x[0], args.integer("dim"), x[1], x[2]);
}

Tensor one_hot_of(const Inputs& x, const Args& args) {
  return one_hot(x[0], args.integer("num_classes", -1));
}

Tensor bincount_of(const Inputs& x, const Args& args) {
  return bincount(x[0], args.integer("minlength", 0));
}

}  // namespace

OpTable index_ops() {
  return {
      {"embedding", embedding_of},
      {"index_select", index_select_of},
      {"gather", gather_of},
      {"take_along_dim",
       [](const Inputs& x, const Args& args) {
         return take_along_dim(x[0], x[1], args.integer("dim"));
       }},
      {"scatter_add", scatter_add_of},
      {"one_hot", one_hot_of},
      {"nonzero", [](const Inputs& x, const Args&) { return nonzero(x[0]); }},
      {"masked_select", [](const Inputs& x, const Args&) { return masked_select(x[0], x[1]); }},
      {"bincount", bincount_of},
  };
}

}  // namespace rill::testing
