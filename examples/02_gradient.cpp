// examples/02_gradient.cpp: y = Σ (x·Wᵀ + b)², and where its gradients come from.
// Next: gradients
#include <rill/core/autograd.h>
#include <rill/core/inspect/flow_page.h>
#include <rill/core/inspect/trace.h>
#include <rill/core/ops.h>
#include <rill/nn/linear.h>

#include <iostream>

#include "support/command_line.h"
#include "support/index_page.h"
#include "support/one_line.h"
#include "support/out_folder.h"

using namespace rill;

/// Its name and shape: "h [2, 1]".
std::string titled(const inspect::TracedValue& value) {
  return value.name + " " + to_string(value.data.shape);
}

std::string numbers(const inspect::Snapshot& data) {
  return examples::one_line(from_vector(data.values, data.shape));
}

/// By which op, and of what, a value was made: "linear(x, weight, bias) = "; nothing for what was
/// there before.
std::string origin(const inspect::Trace& trace, const inspect::TracedValue& value) {
  if (value.made_by < 0) return "";
  const inspect::TracedOp& op = trace.ops()[value.made_by];
  std::string inputs;
  for (const int64_t input : op.inputs)
    inputs += (inputs.empty() ? "" : ", ") + trace.values()[input].name;
  return op.name + "(" + inputs + ") = ";
}

void tell_forward(const inspect::Trace& trace) {
  for (const inspect::TracedValue& value : trace.values())
    std::cout << titled(value) << " = " << origin(trace, value) << numbers(value.data) << "\n";
}

/// What arrived at each op, newest first, and what its rows made of it.
void tell_backward(const inspect::Trace& trace) {
  for (const int64_t passed : trace.passes()) {
    const inspect::TracedOp& op = trace.ops()[passed];
    const inspect::TracedValue& out = trace.values()[op.output];
    std::cout << "gradient of " << titled(out) << " = " << numbers(*out.gradient) << "\n";
    for (const inspect::TracedOp::Row& row : op.rows)
      if (row.outgoing)
        std::cout << "  " << titled(trace.values()[op.inputs[row.input]]) << " += " << row.formula
                  << " = " << numbers(*row.outgoing) << "\n";
  }
}

/// Computes y and its gradients, tells both, and writes the page on which they can be watched.
void run(const examples::OutFolder& folder) {
  const Tensor x = tensor({{1.0, 2.0}, {3.0, 4.0}});
  const nn::Linear layer(2, 1);
  layer.load_state_dict({{"weight", tensor({{0.5, -1.0}})}, {"bias", tensor({0.5})}});

  inspect::Trace trace(layer);
  const ObserverGuard watching(trace);
  const Tensor h = layer(x), squares = h.pow(2), y = squares.sum();
  trace.name({{"x", x}, {"h", h}, {"squares", squares}, {"y", y}});
  y.backward();

  tell_forward(trace);
  std::cout << "\n";
  tell_backward(trace);
  std::cout << "\ngradient of weight: " << examples::one_line(layer.weight.grad())
            << "\n2 (x·Wᵀ + b)ᵀ·x:    " << examples::one_line(matmul(2.0 * h.detach().T(), x))
            << "\n";
  const std::string path = folder.path("gradient.html");
  trace.page("y = Σ (x·Wᵀ + b)²").write(path);
  examples::write_index(path);
  std::cout << "\nwatch it in " << path << "\n";
}

int main(int argc, char** argv) {
  examples::CommandLine command("02_gradient");
  std::string folder = "out/02_gradient";
  examples::add_out_dir(command.app(), folder, "Folder for gradient.html");
  return command.main(argc, argv, [&] { run(examples::OutFolder(folder)); });
}

// One level down: what `layer(x)` calls, nn/linear.cpp.
