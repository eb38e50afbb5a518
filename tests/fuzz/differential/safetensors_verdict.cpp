// Reads paths, one a line, and tells for each what rill makes of its header as a safetensors file:
// "ok", how many tensors it has and how many elements, or the error.
#include <iostream>
#include <string>

#include <rill/core/error.h>
#include <rill/core/io/detail/read_file.h>
#include <rill/core/io/detail/safetensors_header.h>

namespace {

std::string verdict(const std::string& path) {
  using namespace rill::detail;
  try {
    const ReadFile file(path);
    const SafetensorsHeader header = read_safetensors_header(path, file.bytes());
    int64_t elements = 0;
    for (const StoredTensor& tensor : header.tensors) elements += tensor.shape.numel();
    return "ok " + std::to_string(header.tensors.size()) + " " + std::to_string(elements);
  } catch (const rill::Error& error) {
    return error.what();
  }
}

}  // namespace

int main() {
  for (std::string path; std::getline(std::cin, path);) std::cout << verdict(path) << std::endl;
}
