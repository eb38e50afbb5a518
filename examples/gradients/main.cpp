// examples/gradients/main.cpp: a dozen gradients by hand, by rill, by a nudge, and once wrongly;
// how they come through 24 layers.
// Next: 03_linear_regression
#include "../support/command_line.h"
#include "../support/teller.h"
#include "report.h"

using namespace gradients;

namespace {

constexpr int64_t depth = 24;

void tell_case(examples::Teller& teller, const Case& example) {
  teller.heading(example.name);
  teller.text(example.formula + ". Wrong: " + example.slip + ".");
  std::string id = example.name;
  for (char& c : id) c = c == ' ' || c == '-' ? '_' : c;
  teller.table(id, table_of(example));
}

void tell_depth(examples::Teller& teller) {
  Flows flows;
  for (const Block block : blocks()) flows.push_back(flow_through(block, depth));
  teller.heading("24 layers: gradient of the activations, as a part of the last");
  teller.table("activations", activations_table(flows));
  teller.chart("activations", activations_chart(flows));
  teller.heading("24 layers: gradient of the weights, as a part of the last");
  teller.table("weights", weights_table(flows));
  teller.chart("weights", weights_chart(flows));
}

}  // namespace

int main(int argc, char** argv) {
  std::string out_dir = "out/gradients";
  examples::CommandLine line("gradients");
  examples::add_out_dir(line.app(), out_dir, "Folder for gradients.html");
  return line.main(argc, argv, [&] {
    examples::Teller teller("How gradients flow", out_dir);
    for (const Case& example : cases()) tell_case(teller, example);
    tell_depth(teller);
    teller.write("gradients.html");
  });
}
