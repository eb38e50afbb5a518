// Writes the options and notes that fuzzing begins with: language_model_corpus FOLDER.
#include <filesystem>

#include <rill/core/file.h>
#include <rill/nn/detail/language_model_json.h>

int main(int count, char** arguments) {
  using namespace rill::nn;
  if (count != 2) return 2;
  const std::filesystem::path folder = arguments[1];
  std::filesystem::create_directories(folder);
  for (const auto& [name, position] : position_names())
    rill::replace_file(folder / name, detail::text_of(LanguageModelOptions{
                                          .vocab_size = 65, .dropout = 0.1, .position = position}));
  rill::replace_file(folder / "notes", detail::text_of(LanguageModelNotes{
                                           .text = "a", .seed = 1, .loss = 1.5, .prompt = "\n"}));
  rill::replace_file(folder / "no_notes", detail::text_of(LanguageModelNotes{}));
}
