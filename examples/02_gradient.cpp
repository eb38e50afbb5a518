// examples/02_gradient.cpp: y = Σ (x·w)², and where its gradient comes from. One level down, a
// layer is such a product with a bias: nn/linear.cpp.
// Next: 03_linear_regression
#include <rill/core/autograd.h>
#include <rill/core/inspect/explain.h>
#include <rill/core/inspect/flow_page.h>
#include <rill/core/inspect/trace.h>
#include <rill/core/ops.h>

#include <filesystem>
#include <iostream>

#include "support/command_line.h"

using namespace rill;

/// Computes y and its gradient, and writes the page on which both can be watched.
void run(const std::string& folder) {
  const Tensor x = tensor({{1.0, 2.0}, {3.0, 4.0}});
  const Tensor w = tensor({{0.5}, {-1.0}}).requires_grad_();
  inspect::Trace trace;
  trace.name({{"x", x}, {"w", w}});
  const ObserverGuard watching(trace);

  const Tensor y = matmul(x, w).pow(2).sum();
  std::cout << "y = " << y << "\n\n" << inspect::explain(y, w, {.name = "w"});

  y.backward();
  trace.page("y = Σ (x·w)²").write(folder + "/gradient.html");
  std::cout << "\ndy/dw = " << w.grad() << "\n";
  std::cout << "2 xᵀ(x·w) = " << 2.0 * matmul(x.T(), matmul(x, w.detach())) << "\n";
  std::cout << "\nwatch it in " << folder << "/gradient.html\n";
}

int main(int argc, char** argv) {
  examples::CommandLine command("02_gradient");
  std::string folder = "out";
  examples::add_out_dir(command.app(), folder, "Folder for gradient.html");
  return command.main(argc, argv, [&] {
    std::filesystem::create_directories(folder);
    run(folder);
  });
}
