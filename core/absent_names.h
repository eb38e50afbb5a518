#pragma once

#include <rill/core/tensor.h>

#include <rill/core/state_dict.h>

// Names of PyTorch's that rill goes without. Who writes one is shown its line by the compiler, and
// with it what to write instead; who defines one gets his own, as all others fit better than these.
// cmake/members.cmake makes members of Tensor of the first part.

namespace rill {

struct AnyTensor {
  AnyTensor(const Tensor&);
};

// clang-format off
Tensor acos(AnyTensor, ...) = delete;               // an op of your own is a page: examples/05_own_op.cpp
Tensor amax(AnyTensor, ...) = delete;               // x.max(dim).values
Tensor amin(AnyTensor, ...) = delete;               // x.min(dim).values
Tensor argwhere(AnyTensor, ...) = delete;           // nonzero(x)
Tensor asin(AnyTensor, ...) = delete;               // an op of your own is a page: examples/05_own_op.cpp
Tensor atan(AnyTensor, ...) = delete;               // an op of your own is a page: examples/05_own_op.cpp
Tensor atan2(AnyTensor, ...) = delete;              // an op of your own is a page: examples/05_own_op.cpp
Tensor baddbmm(AnyTensor, ...) = delete;            // c + bmm(a, b)
Tensor broadcast_to(AnyTensor, ...) = delete;       // x.expand(shape)
Tensor cdist(AnyTensor, ...) = delete;              // (a.unsqueeze(1) - b.unsqueeze(0)).pow(2).sum(-1).sqrt()
Tensor clip(AnyTensor, ...) = delete;               // x.clamp(min, max)
Tensor cosh(AnyTensor, ...) = delete;               // (exp(x) + exp(-x)) / 2
Tensor cross(AnyTensor, ...) = delete;              // products of x.select(dim, i), stacked
Tensor cumprod(AnyTensor, ...) = delete;            // x.log().cumsum(dim).exp(), for x > 0
Tensor det(AnyTensor, ...) = delete;                // rill has no linear algebra but matmul
Tensor diag_embed(AnyTensor, ...) = delete;         // x.unsqueeze(-1) * eye(n)
Tensor dist(AnyTensor, ...) = delete;               // (a - b).pow(2).sum().sqrt()
Tensor div(AnyTensor, ...) = delete;                // a / b; floor_divide(a, b) for rounding down
Tensor elu(AnyTensor, ...) = delete;                // where(x > 0, x, exp(x) - 1)
Tensor exp2(AnyTensor, ...) = delete;               // pow(2, x)
Tensor expm1(AnyTensor, ...) = delete;              // exp(x) - 1
Tensor fliplr(AnyTensor, ...) = delete;             // x.flip(1)
Tensor flipud(AnyTensor, ...) = delete;             // x.flip(0)
Tensor fmod(AnyTensor, ...) = delete;               // x % y, which has the sign of y
Tensor frac(AnyTensor, ...) = delete;               // x - floor(x)
Tensor glu(AnyTensor, ...) = delete;                // a * sigmoid(b), of the halves x.chunk(2, -1)
Tensor group_norm(AnyTensor, ...) = delete;         // layer_norm of x.view({n, groups, -1})
Tensor gumbel_softmax(AnyTensor, ...) = delete;     // softmax((logits - log(-log(rand_like(logits)))) / tau, -1)
Tensor hardtanh(AnyTensor, ...) = delete;           // x.clamp(-1, 1)
Tensor histc(AnyTensor, ...) = delete;              // bincount(x), of whole numbers
Tensor index_add(AnyTensor, ...) = delete;          // x.scatter_add(dim, index, source)
Tensor index_put(AnyTensor, ...) = delete;          // x.copy_(where(mask, value, x))
Tensor inverse(AnyTensor, ...) = delete;            // rill has no linear algebra but matmul
Tensor isclose(AnyTensor, ...) = delete;            // allclose(a, b), for one answer
Tensor kthvalue(AnyTensor, ...) = delete;           // x.sort(dim).values.select(dim, k - 1)
Tensor log10(AnyTensor, ...) = delete;              // log(x) / std::numbers::ln10
Tensor log2(AnyTensor, ...) = delete;               // log(x) / std::numbers::ln2
Tensor logsigmoid(AnyTensor, ...) = delete;         // -softplus(-x)
Tensor mish(AnyTensor, ...) = delete;               // x * tanh(softplus(x))
Tensor moveaxis(AnyTensor, ...) = delete;           // x.permute({...})
Tensor movedim(AnyTensor, ...) = delete;            // x.permute({...})
Tensor mv(AnyTensor, ...) = delete;                 // matmul(a, v)
Tensor pad(AnyTensor, ...) = delete;                // pad(x, sides, value): a constant is around x
Tensor prelu(AnyTensor, ...) = delete;              // where(x > 0, x, weight * x)
Tensor quantile(AnyTensor, ...) = delete;           // x.sort(dim).values.select(dim, i)
Tensor ravel(AnyTensor, ...) = delete;              // x.flatten()
Tensor reciprocal(AnyTensor, ...) = delete;         // 1 / x
Tensor relu6(AnyTensor, ...) = delete;              // x.clamp(0, 6)
Tensor scatter(AnyTensor, ...) = delete;            // x.scatter_add(dim, index, source) adds; where(mask, value, x) sets
Tensor scatter_reduce(AnyTensor, ...) = delete;     // x.scatter_add(dim, index, source), for sums
Tensor sinh(AnyTensor, ...) = delete;               // (exp(x) - exp(-x)) / 2
Tensor softmin(AnyTensor, ...) = delete;            // softmax(-x, dim)
Tensor softsign(AnyTensor, ...) = delete;           // x / (1 + abs(x))
Tensor std_mean(AnyTensor, ...) = delete;           // x.std() and x.mean()
Tensor svd(AnyTensor, ...) = delete;                // rill has no linear algebra but matmul
Tensor swapaxes(AnyTensor, ...) = delete;           // x.transpose(a, b)
Tensor tan(AnyTensor, ...) = delete;                // sin(x) / cos(x)
Tensor tensordot(AnyTensor, ...) = delete;          // matmul of reshaped tensors
Tensor tile(AnyTensor, ...) = delete;               // x.repeat({...})
Tensor trunc(AnyTensor, ...) = delete;              // sign(x) * floor(abs(x))
Tensor var_mean(AnyTensor, ...) = delete;           // x.var() and x.mean()
Tensor xlogy(AnyTensor, ...) = delete;              // where(x == 0, 0.0, x * log(y))

Tensor as_tensor(...) = delete;                     // tensor(values)
Tensor binary_cross_entropy(...) = delete;          // binary_cross_entropy_with_logits
Tensor checkpoint(...) = delete;                    // rill always keeps what backward needs; for files there is `Checkpoint`
Tensor column_stack(...) = delete;                  // stack(tensors, 1)
Tensor concat(...) = delete;                        // cat(tensors, dim)
Tensor einsum(...) = delete;                        // matmul(a, b) or bmm(a, b), of permuted tensors
Tensor from_blob(...) = delete;                     // from_vector(std::vector<float>(data, data + n), shape)
Tensor from_numpy(...) = delete;                    // load_npy(path)
int get_num_threads(...) = delete;                  // num_threads()
StateDict get_rng_state(...) = delete;              // default_generator().state_dict()
Tensor hstack(...) = delete;                        // cat(tensors, 1)
StateDict load(...) = delete;                       // load_safetensors(path), nn::load(model, path)
Tensor logspace(...) = delete;                      // pow(10, linspace(start, end, steps))
std::vector<Tensor> meshgrid(...) = delete;         // x.unsqueeze(1).expand({n, m}) and y.unsqueeze(0).expand({n, m})
void save(...) = delete;                            // nn::save(model, path), save_safetensors(path, state), save_npy(path, tensor)
void set_rng_state(...) = delete;                   // default_generator().load_state_dict(state)
Tensor vstack(...) = delete;                        // cat(tensors, 0)
// clang-format on

}  // namespace rill
