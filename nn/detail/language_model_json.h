#pragma once

#include <string>
#include <string_view>

#include <rill/nn/language_model_file.h>

namespace rill::nn::detail {

/// What a LanguageModel is made from again. Throws ValueError for a model with an encoding of one's
/// own.
std::string configuration_of(const LanguageModel& model);
std::string text_of(const LanguageModelOptions& options);
std::string text_of(const LanguageModelNotes& notes);

/// What these wrote. Throw ValueError, naming each field that is missing, unknown, there twice or
/// of another kind, and a newer format.
LanguageModelOptions read_configuration(std::string_view json);
LanguageModelNotes read_notes(std::string_view json);

}  // namespace rill::nn::detail
