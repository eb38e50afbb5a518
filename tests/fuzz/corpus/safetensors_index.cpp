// Writes the indices that fuzzing begins with: safetensors_index_corpus FOLDER.
#include <filesystem>

#include <rill/core/file.h>
#include <rill/core/io/detail/safetensors_index.h>

int main(int count, char** arguments) {
  using namespace rill;
  if (count != 2) return 2;
  const std::filesystem::path folder = arguments[1];
  std::filesystem::create_directories(folder);
  replace_file(folder / "empty", detail::index_text({}, 0));
  replace_file(folder / "two", detail::index_text({{"a", "m-1"}, {"b \"名\"", "m-2"}}, 8));
  replace_file(folder / "deep", R"({"metadata":{"total_size":8.0,"a":[null,true,-1,{"b":""}]},)"
                                R"("weight_map":{"a":"m"}})");
}
