#include <rill/core/distributed/detail/make_same.h>

#include <rill/core/grad_mode.h>
#include <rill/core/inplace.h>
#include <rill/core/ops.h>

namespace rill::distributed {
namespace {

World::Fields shapes_of(const std::vector<NamedTensor>& tensors) {
  World::Fields fields;
  for (const auto& [name, tensor] : tensors)
    fields.emplace_back(name, to_string(tensor.shape()) + " " + name_of(tensor.dtype()));
  return fields;
}

World::Fields hashes_of(const std::vector<NamedTensor>& tensors) {
  World::Fields fields;
  for (const auto& [name, tensor] : tensors)
    fields.emplace_back(name, hash_of(std::vector{tensor}));
  return fields;
}

void broadcast(World& world, const Tensor& tensor) {
  const Tensor whole = tensor.is_contiguous() ? tensor.detach() : tensor.detach().clone();
  world.broadcast(whole);
  if (!tensor.is_contiguous()) tensor.copy_(whole);
}

}  // namespace

void make_same(World& world, const std::vector<NamedTensor>& tensors) {
  world.want_same(shapes_of(tensors));
  const NoGradGuard no_grad;
  for (const NamedTensor& named : tensors) broadcast(world, named.tensor);
  world.want_same(hashes_of(tensors));
}

}  // namespace rill::distributed
