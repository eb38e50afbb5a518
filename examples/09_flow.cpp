// examples/09_flow.cpp: one training step of a small transformer, on a page on which its gradients
// flow.
// Next: word_order
#include <rill/core/inspect/flow_page.h>
#include <rill/core/inspect/trace.h>
#include <rill/core/ops.h>
#include <rill/core/random.h>
#include <rill/nn/decoder.h>

#include <iostream>

#include "support/command_line.h"
#include "support/index_page.h"
#include "support/out_folder.h"

using namespace rill;

/// The words of the sentence, by their numbers: king, and, queen.
const Tensor sentence = tensor({{0, 1, 2, 1, 0, 1, 2}});

/// Traces what happens when the model is asked, at each word, for the next one.
void trace_a_step(const nn::LanguageModel& model, inspect::Trace& trace) {
  const ObserverGuard watching(trace);
  const Tensor loss = model.loss(sentence.slice(1, 0, 6), sentence.slice(1, 1, 7));
  loss.backward();
  std::cout << "loss " << loss << ", by " << trace.ops().size() << " ops, of which backward passed "
            << trace.passes().size() << "\n";
}

void run(const examples::OutFolder& folder) {
  manual_seed(1);
  const nn::LanguageModel model(
      {.vocab_size = 3, .block_size = 6, .n_layer = 2, .n_head = 2, .n_embd = 8});
  inspect::Trace trace(model);
  trace_a_step(model, trace);
  const std::string path = folder.path("flow.html");
  trace.page("King and queen: one training step").write(path);
  examples::write_index(path);
  std::cout << "watch it in " << path << "\n";
}

int main(int argc, char** argv) {
  examples::CommandLine command("09_flow");
  std::string folder = "out/09_flow";
  examples::add_out_dir(command.app(), folder, "Folder for flow.html");
  return command.main(argc, argv, [&] { run(examples::OutFolder(folder)); });
}
