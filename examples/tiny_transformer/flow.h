#pragma once

#include <string>

#include <rill/core/inspect/flow_page.h>

#include "training.h"

namespace tiny_transformer {

/// How gradients flow through the model as it is now.
struct Flow {
  rill::inspect::FlowPage page;
  /// Which parameters get none, and why; a line where all is well.
  std::string audit;
};

/// The first tokens of the text, few enough to be read.
Batch first_tokens(const rill::nn::LanguageModel& model, const Corpus& corpus);

/// A step on them, without dropout. It draws no random numbers and leaves no gradients.
Flow flow_of(const rill::nn::LanguageModel& model, const Corpus& corpus, const std::string& title);

}  // namespace tiny_transformer
