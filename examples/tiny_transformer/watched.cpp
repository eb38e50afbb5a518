#include "watched.h"

#include <rill/core/inspect/gradient_report.h>
#include <rill/nn/attention_maps.h>

#include <algorithm>
#include <cstdio>

#include "flow.h"
#include "page_file.h"

namespace tiny_transformer {
namespace {

/// Writes the page of a step on a short text, and which parameters it could not train.
void show_flow(const rill::nn::LanguageModel& model, const Corpus& corpus, const char* when,
               const std::string& path) {
  const Flow flow = flow_of(model, corpus, std::string("tiny_transformer: its ") + when + " step");
  std::printf("gradients of the %s step: %s\n", when, flow.audit.c_str());
  std::fflush(stdout);
  write_page(flow.page, path, "how they flow");
}

std::vector<std::string> names_of(const Corpus& corpus, const rill::Tensor& ids) {
  std::vector<std::string> tokens;
  for (const int64_t id : ids.to_vector<int64_t>()) {
    const std::string token = corpus.tokenizer.decode(id);
    tokens.push_back(token == "\n" ? "⏎" : token == " " ? "␣" : token);
  }
  return tokens;
}

/// What each head looks at in the beginning of the text.
void add_attention(rill::inspect::Page& page, const rill::nn::LanguageModel& model,
                   const Corpus& corpus) {
  const rill::nn::EvalGuard evaluating(model);
  const rill::Tensor ids = first_tokens(model, corpus).ids;
  page.heading("What each head looks at")
      .text(
          "The text's first tokens, in the trained model. A row is a token, its cells how much of "
          "each token before it flows in; empty: it must not look there.");
  for (const rill::inspect::HeatMap& map :
       rill::nn::attention_maps(model, ids, names_of(corpus, ids)))
    page.chart(map.title, map);
}

void add_positions(rill::inspect::Page& page, const rill::nn::LanguageModel& model) {
  const std::vector<rill::inspect::HeatMap> maps = rill::nn::position_maps(
      model.positions, {.length = std::min<int64_t>(model.options().block_size, 32),
                        .d_model = model.options().n_embd,
                        .num_heads = model.options().n_head});
  if (maps.empty()) return;
  page.heading("How it tells positions apart");
  for (const rill::inspect::HeatMap& map : maps) page.chart(map.title, map);
}

}  // namespace

void train_watched(const rill::nn::LanguageModel& model, const Corpus& corpus,
                   const Options& options, MetricsFile& metrics, rill::World& world,
                   const Checkpoints& checkpoints, const examples::OutFolder& folder) {
  if (!checkpoints.from) show_flow(model, corpus, "first", folder.path("flow_first.html"));
  rill::inspect::GradientReport gradients(model);
  train(model, corpus, options, metrics, world, checkpoints, &gradients);
  rill::inspect::Page page = gradients.page("tiny_transformer: gradients");
  add_attention(page, model, corpus);
  add_positions(page, model);
  write_page(page, folder.path("gradients.html"), "how its gradients fared");
  show_flow(model, corpus, "last", folder.path("flow_last.html"));
}

}  // namespace tiny_transformer
