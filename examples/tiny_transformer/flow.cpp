#include "flow.h"

#include <rill/core/inspect/gradient_audit.h>
#include <rill/core/inspect/trace.h>

#include <algorithm>

namespace tiny_transformer {

Batch first_tokens(const rill::nn::LanguageModel& model, const Corpus& corpus) {
  return blocks_at(corpus.train, {0}, std::min<int64_t>(model.options().block_size, 12));
}

Flow flow_of(const rill::nn::LanguageModel& model, const Corpus& corpus, const std::string& title) {
  const Batch batch = first_tokens(model, corpus);
  const rill::nn::EvalGuard evaluating(model);
  rill::inspect::Trace trace(model);
  rill::inspect::GradientAudit audit(model);
  {
    const rill::ObserverGuard tracing(trace), auditing(audit);
    model.loss(batch.ids, batch.targets).backward();
  }
  model.zero_grad();
  return {trace.page(title), audit.text()};
}

}  // namespace tiny_transformer
