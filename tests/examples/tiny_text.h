#pragma once

#include <string>

#include "run_program.h"

namespace rill::testing {

/// A text of a few thousand letters with a simple order in it.
inline std::string some_text() {
  std::string text;
  for (int i = 0; i < 400; ++i) text += i % 3 == 0 ? "the cat sat. " : "a dog ran.\n";
  return text;
}

/// The command of a run of seconds of tiny_transformer on `text`.
inline std::string small_run(const std::string& folder, const std::string& text = some_text()) {
  write_file(folder + "/text", text);
  return "tiny_transformer --text " + folder + "/text --out-dir " + folder +
         "/out --block-size 16 --batch-size 4 --n-layer 1 --n-head 2 --n-embd 16 --max-iters 20 "
         "--warmup-iters 2 --lr-decay-iters 20 --eval-interval 10 --eval-iters 2 --num-samples 1 "
         "--max-new-tokens 20";
}

}  // namespace rill::testing
