// Writes the .npy files that fuzzing begins with: npy_corpus FOLDER. NumPy's own types and orders
// come out of the dictionary.
#include <filesystem>

#include <rill/core/io/npy.h>
#include <rill/core/ops.h>

int main(int count, char** arguments) {
  using namespace rill;
  if (count != 2) return 2;
  const std::filesystem::path folder = arguments[1];
  std::filesystem::create_directories(folder);
  save_npy(folder / "float32", ones({2, 3}));
  save_npy(folder / "float64", tensor(0.5, float64));
  save_npy(folder / "int64", tensor({1, 2}, int64));
  save_npy(folder / "bool", tensor({{1, 0, 1}}, bool_));
  save_npy(folder / "none", zeros({0, 2}));
  save_npy(folder / "long", zeros({1, 2, 1, 2, 1, 2, 1, 2}));
}
