// Writes the checkpoints that fuzzing begins with: checkpoint_corpus FOLDER.
#include <filesystem>

#include <rill/core/io/checkpoint.h>
#include <rill/core/random.h>

int main(int count, char** arguments) {
  using namespace rill;
  if (count != 2) return 2;
  const std::filesystem::path folder = arguments[1];
  std::filesystem::create_directories(folder);
  const Tensor shared = ones({2, 3});
  save_checkpoint(folder / "empty", {});
  save_checkpoint(folder / "parts",
                  Checkpoint{.step = 7, .loss = 0.5, .configuration = {{"width", "16"}}}
                      .add("model", {{"a.weight", shared}, {"b.weight", shared}})
                      .add("none", StateDict())
                      .add("generator", Generator(3)));
}
