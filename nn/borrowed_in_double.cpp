#include <rill/nn/borrowed_in_double.h>

namespace rill::nn {

BorrowedInDouble::BorrowedInDouble(const Module& module)
    : evaluating_(module), generator_(default_generator()) {
  for (const auto& list : {module.named_parameters(), module.named_buffers()})
    for (const auto& [name, tensor] : list) tensors_.emplace_back(tensor, tensor.detach());
  module.to(float64);
  manual_seed(0);
}

BorrowedInDouble::~BorrowedInDouble() {
  for (const auto& [tensor, held] : tensors_) {
    const bool requires_grad = tensor.requires_grad();
    tensor.swap_data(held);
    tensor.requires_grad_(requires_grad);
  }
  default_generator() = generator_;
}

}  // namespace rill::nn
