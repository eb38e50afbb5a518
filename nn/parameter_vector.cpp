#include <rill/nn/parameter_vector.h>

#include <rill/core/autograd.h>
#include <rill/core/ops.h>

namespace rill::nn::utils {

Tensor parameters_to_vector(const std::vector<Tensor>& parameters) {
  std::vector<Tensor> flat;
  for (const Tensor& parameter : parameters) flat.push_back(flatten(parameter));
  return cat(flat);
}

void vector_to_parameters(const Tensor& vector, const std::vector<Tensor>& parameters) {
  const NoGradGuard no_grad;
  std::vector<int64_t> sizes;
  int64_t count = 0;
  for (const Tensor& parameter : parameters) count += sizes.emplace_back(parameter.numel());
  if (vector.shape() != Shape{count})
    fail<ShapeError>("vector_to_parameters: the parameters have ", count,
                     " elements together, the vector is ", vector.shape());
  const std::vector<Tensor> parts = split(vector, sizes);
  for (size_t i = 0; i < parts.size(); ++i)
    parameters[i].copy_(parts[i].view(parameters[i].shape()));
}

}  // namespace rill::nn::utils
