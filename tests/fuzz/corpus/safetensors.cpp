// Writes the safetensors files that fuzzing begins with: safetensors_corpus FOLDER.
#include <filesystem>

#include <rill/core/io/safetensors.h>
#include <rill/core/ops.h>

int main(int count, char** arguments) {
  using namespace rill;
  if (count != 2) return 2;
  const std::filesystem::path folder = arguments[1];
  std::filesystem::create_directories(folder);
  const Tensor w = ones({2, 3});
  const StateDict state{{"ids", tensor({1, 2}, int64)},
                        {"mask", tensor({1, 0, 1}, bool_)},
                        {"x", tensor(0.5, float64)},
                        {"none", zeros({0, 2})},
                        {"embed.weight", w},
                        {"head.weight", w}};
  save_safetensors(folder / "empty", {});
  save_safetensors(folder / "one", {{"a", tensor({1.0})}});
  save_safetensors(folder / "all", state);
  save_safetensors(folder / "metadata", state, {.metadata = {{"step", "3"}, {"\"\n名", ""}}});
  save_safetensors(folder / "float16", state, {.floats_as = HalfFloat::float16});
  save_safetensors(folder / "bfloat16", state, {.floats_as = HalfFloat::bfloat16});
}
