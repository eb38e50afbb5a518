#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include <rill/core/ops.h>

#include "tests/support/reference.h"

// The table of ops: how each op of core/ops.h and its like is called with the inputs and arguments
// of a case of tests/reference/ops.json. ops_test.cpp runs every case of every op by it.

namespace rill::testing {

using Inputs = std::vector<Tensor>;
using Args = ReferenceArgs;

/// A call of an op, from `function(inputs, args)`, which returns a Tensor, several, or values and
/// indices.
class OpCall {
 public:
  template <class Function>
  OpCall(Function function)
      : call_([function](const Inputs& x, const Args& args) { return list(function(x, args)); }) {}

  std::vector<Tensor> operator()(const Inputs& inputs, const Args& args) const {
    return call_(inputs, args);
  }

 private:
  static std::vector<Tensor> list(const Tensor& out) { return {out}; }
  static std::vector<Tensor> list(const std::vector<Tensor>& out) { return out; }
  static std::vector<Tensor> list(const ValuesAndIndices& out) { return {out.values, out.indices}; }

  std::function<std::vector<Tensor>(const Inputs&, const Args&)> call_;
};

using OpTable = std::map<std::string, OpCall>;

// The parts of the table, each in op_table_<part>.cpp.
OpTable elementwise_ops();  // arithmetic, functions, activations, comparisons, selections
OpTable reduce_ops();       // reductions, norms, extrema, sorting
OpTable view_ops();         // views, joins, copies
OpTable index_ops();        // look-ups by index
OpTable nn_ops();           // matmul, softmax, normalisation, attention, losses
OpTable further_ops();      // those of core/further_ops.h

/// All of it.
const OpTable& op_table();

}  // namespace rill::testing
