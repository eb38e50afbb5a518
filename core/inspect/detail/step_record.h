#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include <rill/core/inspect/detail/tensor_health.h>
#include <rill/core/inspect/gradient_audit.h>
#include <rill/core/node.h>
#include <rill/core/scope.h>

namespace rill::inspect::detail {

/// A tensor that took part in the step. One that was written in place is another value each time.
struct StepValue {
  uint64_t number = 0;
  int64_t made_by = -1;  // an op of the record, -1 for what came from outside
  Shape shape;
  bool wants_gradient = false, is_leaf = true;
  int64_t parameter = -1;  // which one it is
  int64_t alias_of = -1;   // a parameter whose numbers it shows, and which gets no gradient by it
  std::optional<Health> gradient = {};
  ZeroRows zero_rows = {};  // of the gradient of a parameter
  bool has_nan = false, has_infinity = false, is_zero = false;
};

/// A call of a module's forward.
struct StepCall {
  std::string module;  // its path; "blocks.1.<Linear>" for one that is not registered there
  std::string type;
  bool is_guest = false;
};

/// What a row of an op made of the gradient in backward.
struct Flow {
  int64_t to = -1;  // the number of the value whose gradient it is part of
  double incoming = 0;
  bool incoming_is_finite = true;
  Health outgoing = {};
  Units units = {};             // of a ReLU
  std::string not_finite = {};  // where
};

struct StepOp {
  std::string name;
  int64_t call = -1;
  bool is_recording = true;
  /// What it did is part of an op around it, which stands for both.
  bool is_inside = false;
  /// It has recorded its own rows, or has none.
  bool is_own = true;
  struct Read {
    int64_t value;
    bool has_row;
  };
  std::vector<Read> inputs = {};
  int64_t output = -1;
  std::vector<Flow> flows = {};
};

/// NaN or infinity where none came in.
struct Birth {
  int64_t op = -1;  // -1: it came from outside
  int64_t value = -1;
  bool is_nan = false;
  std::string place;  // in the tensor
};

/// What ran in a step, forward and backward, as far as an audit needs it.
struct StepRecord {
  std::vector<NamedTensor> parameters;
  std::vector<uint64_t> expected;  // numbers of inputs whose gradient is wanted
  std::vector<StepValue> values;
  std::vector<StepOp> ops;
  std::vector<StepCall> calls;
  std::vector<int64_t> roots;  // the values from which backward began
  std::vector<Birth> births;   // in forward
  bool is_from_graph = false;
  bool has_walked = false;

  std::string module_of(const StepOp& op) const { return op.call < 0 ? "" : calls[op.call].module; }
  /// "`relu` in blocks.1"
  std::string at(const StepOp& op) const;
  const std::string& name_of(const StepValue& value) const {
    return parameters[value.parameter].name;
  }

  // While it watches.
  struct Running {
    int64_t first_op;
    uint64_t node = 0;  // what it has recorded
  };
  std::unordered_map<uint64_t, int64_t> value_of_number, value_of_node, op_of_node, parameter_of;
  std::vector<Running> running;
  std::vector<int64_t> running_calls;
  int walks = 0;
  bool is_beginning = false;

  int64_t see(const Tensor& tensor);
  int64_t see_output(const Tensor& tensor, const Running& in, std::vector<StepOp::Read>& inputs);
  void enter(const Named& module);
  void output(const char* op, const Tensor& out, std::span<const Tensor> inputs);
  void graph(const Tensor& loss);
  void flow(const Node& node, int row, const Tensor& incoming, const Tensor& outgoing);
  void finish(const Node& node, const Tensor& gradient);

 private:
  int64_t add_value(const Tensor& tensor);
  void note_place(const Tensor& tensor, int64_t value);
  int64_t alias_of(const Tensor& tensor, int64_t parameter) const;
  void note_birth(const Tensor& tensor, int64_t op, bool input_is_nan, bool input_is_finite);
};

}  // namespace rill::inspect::detail
