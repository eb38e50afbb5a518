#include <rill/nn/detail/borrowed_in_double.h>

namespace rill::nn {

BorrowedInDouble::BorrowedInDouble(const Module& module)
    : evaluating_(module), generator_(default_generator()) {
  for (const auto& list : {module.named_parameters(), module.named_buffers()})
    for (const auto& [name, tensor] : list)
      if (is_floating(tensor.dtype()))
        tensors_.emplace_back(tensor,
                              tensor.detach().to(float64).requires_grad_(tensor.requires_grad()));
  for (const auto& [tensor, held] : tensors_) tensor.impl()->exchange(*held.impl());
  default_generator().manual_seed(0);
}

BorrowedInDouble::~BorrowedInDouble() {
  // Backwards: a tensor that has two names was exchanged twice.
  for (auto place = tensors_.rbegin(); place != tensors_.rend(); ++place)
    place->first.impl()->exchange(*place->second.impl());
  default_generator() = generator_;
}

}  // namespace rill::nn
