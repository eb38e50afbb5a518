#include <rill/core/print.h>

#include <ostream>

namespace rill {
namespace {

template <class Item>
std::ostream& print_lines(std::ostream& out, const std::vector<Item>& items) {
  for (size_t i = 0; i < items.size(); ++i) out << (i == 0 ? "" : "\n") << items[i];
  return out;
}

}  // namespace

std::ostream& operator<<(std::ostream& out, const NamedTensor& named) {
  return out << named.name << ": " << named.tensor;
}

std::ostream& operator<<(std::ostream& out, const std::vector<NamedTensor>& tensors) {
  return print_lines(out, tensors);
}

std::ostream& detail::print(std::ostream& out, const std::vector<Tensor>& tensors) {
  return print_lines(out, tensors);
}

}  // namespace rill
