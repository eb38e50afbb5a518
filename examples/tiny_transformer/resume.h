#pragma once

#include <optional>

#include <rill/core/io/checkpoint.h>

#include "corpus.h"
#include "options.h"
#include "training.h"

namespace tiny_transformer {

/// All that changes the numbers of a training, by the names of the flags, and what the text is.
rill::Metadata configuration_of(const Options& options, const Corpus& corpus);

/// The checkpoints of a run: where it leaves its own, and what it goes on from where options.resume
/// says so. Throws std::invalid_argument where there is none to go on from, for one of another
/// configuration, naming all that differs, and for one beyond options.max_iters; rill::Error where
/// it cannot be read.
Checkpoints checkpoints_of(const Options& options, const Corpus& corpus);

}  // namespace tiny_transformer
