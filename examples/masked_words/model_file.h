#pragma once

#include <string>

#include "model.h"

namespace masked_words {

struct SavedModel {
  MaskedWordModel model;
  Vocabulary vocabulary;
};

/// Writes a .safetensors file whose metadata holds what its shapes do not tell: the number of heads
/// and the words, one a line, bytes outside ASCII as \xe9.
void save_model(const std::string& path, const MaskedWordModel& model,
                const Vocabulary& vocabulary);

/// What save_model wrote. Throws rill::Error, naming the file, where it is anything else.
SavedModel load_model(const std::string& path);

}  // namespace masked_words
