#pragma once

#include "../support/out_folder.h"
#include "training.h"

namespace tiny_transformer {

/// Trains, and writes into `folder` how gradients flow in the first and the last step
/// (flow_first.html, flow_last.html), how they fared over all steps, and what the model looks at
/// in the end (gradients.html).
void train_watched(const rill::nn::LanguageModel& model, const Corpus& corpus,
                   const Options& options, MetricsFile& metrics, rill::World& world,
                   const Checkpoints& checkpoints, const examples::OutFolder& folder);

}  // namespace tiny_transformer
