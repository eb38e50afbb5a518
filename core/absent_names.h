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
Tensor abs_(AnyTensor, ...) = delete;               // x.copy_(abs(x))
Tensor acos(AnyTensor, ...) = delete;               // an op of your own is a page: examples/05_own_op.cpp
Tensor addmm_(AnyTensor, ...) = delete;             // x.copy_(addmm(x, a, b))
Tensor argwhere(AnyTensor, ...) = delete;           // nonzero(x)
Tensor asin(AnyTensor, ...) = delete;               // an op of your own is a page: examples/05_own_op.cpp
Tensor atan(AnyTensor, ...) = delete;               // an op of your own is a page: examples/05_own_op.cpp
Tensor atan2(AnyTensor, ...) = delete;              // an op of your own is a page: examples/05_own_op.cpp
Tensor baddbmm(AnyTensor, ...) = delete;            // c + bmm(a, b)
Tensor bernoulli_(AnyTensor, ...) = delete;         // x.copy_(bernoulli(full(x.shape(), p)))
Tensor broadcast_to(AnyTensor, ...) = delete;       // x.expand(shape)
Tensor cdist(AnyTensor, ...) = delete;              // (a.unsqueeze(1) - b.unsqueeze(0)).pow(2).sum(-1).sqrt()
Tensor clip(AnyTensor, ...) = delete;               // x.clamp(min, max)
Tensor clip_(AnyTensor, ...) = delete;              // x.clamp_(min, max)
Tensor cosh(AnyTensor, ...) = delete;               // (exp(x) + exp(-x)) / 2
Tensor cpu(AnyTensor, ...) = delete;                // x: all tensors are on the CPU
Tensor cross(AnyTensor, ...) = delete;              // products of x.select(dim, i), stacked
Tensor cuda(AnyTensor, ...) = delete;               // x: all tensors are on the CPU
Tensor cumprod(AnyTensor, ...) = delete;            // x.log().cumsum(dim).exp(), for x > 0
Tensor det(AnyTensor, ...) = delete;                // rill has no linear algebra but matmul
Tensor detach_(AnyTensor, ...) = delete;            // x.detach(), a tensor of the same storage
Tensor diag_embed(AnyTensor, ...) = delete;         // x.unsqueeze(-1) * eye(n)
Tensor dist(AnyTensor, ...) = delete;               // (a - b).pow(2).sum().sqrt()
Tensor div(AnyTensor, ...) = delete;                // a / b; floor_divide(a, b) for rounding down
Tensor elu(AnyTensor, ...) = delete;                // where(x > 0, x, exp(x) - 1)
Tensor exp2(AnyTensor, ...) = delete;               // pow(2, x)
Tensor exp_(AnyTensor, ...) = delete;               // x.copy_(exp(x))
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
Tensor index_add_(AnyTensor, ...) = delete;         // x.copy_(x.scatter_add(dim, index, source))
Tensor index_copy_(AnyTensor, ...) = delete;        // x.select(dim, i).copy_(source), for each i
Tensor index_fill(AnyTensor, ...) = delete;         // x.masked_fill(mask, value)
Tensor index_fill_(AnyTensor, ...) = delete;        // x.masked_fill_(mask, value), x.select(dim, i).fill_(value)
Tensor index_put(AnyTensor, ...) = delete;          // x.copy_(where(mask, value, x))
Tensor index_put_(AnyTensor, ...) = delete;         // x.copy_(where(mask, value, x))
Tensor inverse(AnyTensor, ...) = delete;            // rill has no linear algebra but matmul
Tensor kthvalue(AnyTensor, ...) = delete;           // x.sort(dim).values.select(dim, k - 1)
Tensor log10(AnyTensor, ...) = delete;              // log(x) / std::numbers::ln10
Tensor log2(AnyTensor, ...) = delete;               // log(x) / std::numbers::ln2
Tensor log_(AnyTensor, ...) = delete;               // x.copy_(log(x))
Tensor logsigmoid(AnyTensor, ...) = delete;         // -softplus(-x)
Tensor masked_scatter_(AnyTensor, ...) = delete;    // x.copy_(where(mask, source, x))
Tensor mish(AnyTensor, ...) = delete;               // x * tanh(softplus(x))
Tensor moveaxis(AnyTensor, ...) = delete;           // x.permute({...})
Tensor mv(AnyTensor, ...) = delete;                 // matmul(a, v)
Tensor neg_(AnyTensor, ...) = delete;               // x.mul_(-1)
Tensor numpy(AnyTensor, ...) = delete;              // to_vector<float>(), save_npy(path, x)
Tensor pad(AnyTensor, ...) = delete;                // pad(x, sides, value): a constant is around x
Tensor pow_(AnyTensor, ...) = delete;               // x.copy_(x.pow(y))
Tensor prelu(AnyTensor, ...) = delete;              // where(x > 0, x, weight * x)
Tensor quantile(AnyTensor, ...) = delete;           // x.sort(dim).values.select(dim, i)
Tensor random_(AnyTensor, ...) = delete;            // x.copy_(randint(low, high, x.shape()))
Tensor ravel(AnyTensor, ...) = delete;              // x.flatten()
Tensor reciprocal(AnyTensor, ...) = delete;         // 1 / x
Tensor relu6(AnyTensor, ...) = delete;              // x.clamp(0, 6)
Tensor relu_(AnyTensor, ...) = delete;              // x.copy_(relu(x))
Tensor round_(AnyTensor, ...) = delete;             // x.copy_(round(x))
Tensor scatter(AnyTensor, ...) = delete;            // x.scatter_add(dim, index, source) adds; where(mask, value, x) sets
Tensor scatter_(AnyTensor, ...) = delete;           // x.scatter_add_(dim, index, source) adds; x.copy_(where(mask, value, x)) sets
Tensor scatter_reduce(AnyTensor, ...) = delete;     // x.scatter_add(dim, index, source), for sums
Tensor set_requires_grad(AnyTensor, ...) = delete;  // requires_grad_()
Tensor sigmoid_(AnyTensor, ...) = delete;           // x.copy_(sigmoid(x))
Tensor sinh(AnyTensor, ...) = delete;               // (exp(x) - exp(-x)) / 2
Tensor softmin(AnyTensor, ...) = delete;            // softmax(-x, dim)
Tensor softsign(AnyTensor, ...) = delete;           // x / (1 + abs(x))
Tensor sqrt_(AnyTensor, ...) = delete;              // x.copy_(sqrt(x))
Tensor squeeze_(AnyTensor, ...) = delete;           // x.squeeze(), a view
Tensor svd(AnyTensor, ...) = delete;                // rill has no linear algebra but matmul
Tensor swapaxes(AnyTensor, ...) = delete;           // x.transpose(a, b)
Tensor t_(AnyTensor, ...) = delete;                 // x.t(), a view
Tensor tan(AnyTensor, ...) = delete;                // sin(x) / cos(x)
Tensor tanh_(AnyTensor, ...) = delete;              // x.copy_(tanh(x))
Tensor tensordot(AnyTensor, ...) = delete;          // matmul of reshaped tensors
Tensor tile(AnyTensor, ...) = delete;               // x.repeat({...})
std::vector<double> tolist(AnyTensor, ...) = delete;  // to_vector<float>()
Tensor trace(AnyTensor, ...) = delete;              // x.diagonal().sum()
Tensor transpose_(AnyTensor, ...) = delete;         // x.transpose(a, b), a view
Tensor tril_(AnyTensor, ...) = delete;              // x.copy_(tril(x))
Tensor triu_(AnyTensor, ...) = delete;              // x.copy_(triu(x))
Tensor trunc(AnyTensor, ...) = delete;              // sign(x) * floor(abs(x))
Tensor unfold(AnyTensor, ...) = delete;             // stack of x.narrow(dim, i, size), for each i
Tensor unsqueeze_(AnyTensor, ...) = delete;         // x.unsqueeze(dim), a view
Tensor xlogy(AnyTensor, ...) = delete;              // where(x == 0, 0.0, x * log(y))
Tensor zero_grad(AnyTensor, ...) = delete;          // x.set_grad({}), or zero_grad() of a module or an optimizer

Tensor as_tensor(...) = delete;                     // tensor(values)
Tensor binary_cross_entropy(...) = delete;          // binary_cross_entropy_with_logits
Tensor checkpoint(...) = delete;                    // rill always keeps what backward needs; for files there is `Checkpoint`
Tensor column_stack(...) = delete;                  // stack(tensors, 1)
Tensor causal_mask(...) = delete;                   // {.is_causal = true}, or tril(ones({n, n})) > 0
double clip_grad_norm_(...) = delete;               // optim::clip_grad_norm_ or nn::utils::clip_grad_norm_
void clip_grad_value_(...) = delete;                // optim::clip_grad_value_ or nn::utils::clip_grad_value_
Tensor concat(...) = delete;                        // cat(tensors, dim)
Tensor einsum(...) = delete;                        // matmul(a, b) or bmm(a, b), of permuted tensors
Tensor from_blob(...) = delete;                     // from_vector(std::vector<float>(data, data + n), shape)
Tensor from_numpy(...) = delete;                    // load_npy(path)
DType get_default_dtype(...) = delete;              // float32
int get_num_threads(...) = delete;                  // num_threads()
StateDict get_rng_state(...) = delete;              // default_generator().state_dict()
Tensor hessian(...) = delete;                       // grad(y, x, {.create_graph = true})[0], and grad of its elements
Tensor hstack(...) = delete;                        // cat(tensors, 1)
uint64_t initial_seed(...) = delete;                // default_generator().seed()
Tensor jacobian(...) = delete;                      // grad(y[i], x, {.retain_graph = true})[0] for each i, stacked
StateDict load(...) = delete;                       // load_safetensors(path), nn::load(model, path)
Tensor logspace(...) = delete;                      // pow(10, linspace(start, end, steps))
std::vector<Tensor> meshgrid(...) = delete;         // x.unsqueeze(1).expand({n, m}) and y.unsqueeze(0).expand({n, m})
void save(...) = delete;                            // nn::save(model, path), save_safetensors(path, state), save_npy(path, tensor)
void set_default_dtype(...) = delete;               // zeros(shape, float64), x.to(float64), model.to(float64)
void set_printoptions(...) = delete;                // x.to_string(), to_vector<double>()
void set_rng_state(...) = delete;                   // default_generator().load_state_dict(state)
Tensor vmap(...) = delete;                          // ops broadcast, and take batches
Tensor vstack(...) = delete;                        // stack(tensors) of vectors, cat(tensors, 0) of matrices
// clang-format on

namespace autograd::functional {
using rill::hessian;
using rill::jacobian;
}  // namespace autograd::functional

}  // namespace rill
