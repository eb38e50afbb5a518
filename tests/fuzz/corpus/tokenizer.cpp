// Writes the tokenizers that fuzzing begins with: tokenizer_corpus FOLDER.
#include <filesystem>

#include <rill/core/file.h>
#include <rill/core/text/tokenizer.h>

int main(int count, char** arguments) {
  using namespace rill;
  if (count != 2) return 2;
  const std::filesystem::path folder = arguments[1];
  std::filesystem::create_directories(folder);
  replace_file(folder / "bytes", Tokenizer::bytes("{\"kind: bytes,[01]}").to_json());
  replace_file(folder / "characters", Tokenizer::characters("[{\"名é\xff\x80\n").to_json());
  replace_file(folder / "byte_pairs", Tokenizer::byte_pairs("the cat and the hat", 260).to_json());
  replace_file(folder / "no_merges", Tokenizer::byte_pairs("", 256).to_json());
}
