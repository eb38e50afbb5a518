#pragma once

#include <rill/core/tensor.h>

// Names of PyTorch's that rill goes without. Who writes one is shown its line by the compiler, and
// with it what to write instead; who defines one gets his own, as all others fit better than these
// (a class of such a name goes into a namespace of its own). cmake/members.cmake makes members of
// Tensor of those that take one.

namespace rill {

struct AnyTensor {
  AnyTensor(const Tensor&);
};

// clang-format off
Tensor absolute(AnyTensor, ...) = delete;           // x.abs()
Tensor acos(AnyTensor, ...) = delete;               // an op of your own is a page: examples/05_own_op.cpp
Tensor acosh(AnyTensor, ...) = delete;              // an op of your own is a page: examples/05_own_op.cpp
Tensor adaptive_avg_pool1d(AnyTensor, ...) = delete;  // x.unflatten(-1, {size, -1}).mean(-1)
Tensor add(AnyTensor, ...) = delete;                // x + alpha * y
Tensor add_(AnyTensor, ...) = delete;               // x += alpha * y
Tensor addbmm(AnyTensor, ...) = delete;             // c + bmm(a, b).sum(0)
Tensor addmv(AnyTensor, ...) = delete;              // c + matmul(a, v)
Tensor addr(AnyTensor, ...) = delete;               // c + outer(a, b)
Tensor adjoint(AnyTensor, ...) = delete;            // x.mT()
Tensor alpha_dropout(AnyTensor, ...) = delete;      // dropout(x, p)
Tensor aminmax(AnyTensor, ...) = delete;            // x.min() and x.max()
Tensor apply_(AnyTensor, ...) = delete;             // to_vector<float>(), and from_vector of what you make of it
Tensor arccos(AnyTensor, ...) = delete;             // an op of your own is a page: examples/05_own_op.cpp
Tensor arcsin(AnyTensor, ...) = delete;             // an op of your own is a page: examples/05_own_op.cpp
Tensor arctan(AnyTensor, ...) = delete;             // an op of your own is a page: examples/05_own_op.cpp
Tensor arctan2(AnyTensor, ...) = delete;            // an op of your own is a page: examples/05_own_op.cpp
Tensor arctanh(AnyTensor, ...) = delete;            // an op of your own is a page: examples/05_own_op.cpp
Tensor argwhere(AnyTensor, ...) = delete;           // nonzero(x)
Tensor as_strided(AnyTensor, ...) = delete;         // views: x.view(shape), x.narrow(dim, start, length), x.transpose(a, b)
Tensor asin(AnyTensor, ...) = delete;               // an op of your own is a page: examples/05_own_op.cpp
Tensor asinh(AnyTensor, ...) = delete;              // an op of your own is a page: examples/05_own_op.cpp
Tensor atan(AnyTensor, ...) = delete;               // an op of your own is a page: examples/05_own_op.cpp
Tensor atan2(AnyTensor, ...) = delete;              // an op of your own is a page: examples/05_own_op.cpp
Tensor atanh(AnyTensor, ...) = delete;              // an op of your own is a page: examples/05_own_op.cpp
Tensor atleast_1d(AnyTensor, ...) = delete;         // x.reshape({-1})
Tensor atleast_2d(AnyTensor, ...) = delete;         // x.unsqueeze(0)
Tensor atleast_3d(AnyTensor, ...) = delete;         // x.unsqueeze(0)
Tensor avg_pool1d(AnyTensor, ...) = delete;         // x.unflatten(-1, {-1, size}).mean(-1)
Tensor avg_pool2d(AnyTensor, ...) = delete;         // rill has no convolutions: x.view({n, c, h, size, w, size}).mean({3, 5})
Tensor baddbmm(AnyTensor, ...) = delete;            // c + bmm(a, b)
Tensor batch_norm(AnyTensor, ...) = delete;         // layer_norm or rms_norm
Tensor bernoulli_(AnyTensor, ...) = delete;         // x.copy_(bernoulli(full(x.shape(), p)))
Tensor bilinear(AnyTensor, ...) = delete;           // ((a.matmul(w)) * b).sum(-1)
Tensor binomial(AnyTensor, ...) = delete;           // bernoulli, n times, and their sum
Tensor bitwise_and(AnyTensor, ...) = delete;        // x & y
Tensor bitwise_not(AnyTensor, ...) = delete;        // !x, of masks
Tensor bitwise_or(AnyTensor, ...) = delete;         // x | y
Tensor bitwise_xor(AnyTensor, ...) = delete;        // x ^ y, of masks
Tensor broadcast_to(AnyTensor, ...) = delete;       // x.expand(shape)
Tensor bucketize(AnyTensor, ...) = delete;          // (x.unsqueeze(-1) > boundaries).sum(-1)
Tensor cauchy_(AnyTensor, ...) = delete;            // randn, rand, randint, bernoulli and multinomial draw
Tensor cdist(AnyTensor, ...) = delete;              // (a.unsqueeze(1) - b.unsqueeze(0)).pow(2).sum(-1).sqrt()
Tensor celu(AnyTensor, ...) = delete;               // where(x > 0, x, exp(x) - 1)
Tensor cholesky(AnyTensor, ...) = delete;           // rill has no linear algebra but matmul
Tensor clip(AnyTensor, ...) = delete;               // x.clamp(min, max)
Tensor clip_(AnyTensor, ...) = delete;              // x.clamp_(min, max)
Tensor conj(AnyTensor, ...) = delete;               // x: all numbers are real
Tensor conv1d(AnyTensor, ...) = delete;             // linear, on windows of the input; rill has no convolutions
Tensor conv2d(AnyTensor, ...) = delete;             // linear, on patches of the input; rill has no convolutions
Tensor copysign(AnyTensor, ...) = delete;           // abs(x) * sign(y)
Tensor corrcoef(AnyTensor, ...) = delete;           // matmul of standardized rows
Tensor cosh(AnyTensor, ...) = delete;               // (exp(x) + exp(-x)) / 2
Tensor cosine_embedding_loss(AnyTensor, ...) = delete;  // 1 - cosine_similarity(a, b, -1), or relu of it - margin
Tensor cov(AnyTensor, ...) = delete;                // matmul(d, d.t()) / (n - 1), with d = x - x.mean(-1, true)
Tensor cpu(AnyTensor, ...) = delete;                // x: all tensors are on the CPU
Tensor cross(AnyTensor, ...) = delete;              // products of x.select(dim, i), stacked
Tensor ctc_loss(AnyTensor, ...) = delete;           // cross_entropy, of a target for each step
Tensor cuda(AnyTensor, ...) = delete;               // x: all tensors are on the CPU
Tensor cummax(AnyTensor, ...) = delete;             // an op of your own is a page: examples/05_own_op.cpp
Tensor cummin(AnyTensor, ...) = delete;             // an op of your own is a page: examples/05_own_op.cpp
Tensor cumprod(AnyTensor, ...) = delete;            // x.log().cumsum(dim).exp(), for x > 0
Tensor deg2rad(AnyTensor, ...) = delete;            // x * std::numbers::pi / 180
Tensor det(AnyTensor, ...) = delete;                // rill has no linear algebra but matmul
Tensor detach_(AnyTensor, ...) = delete;            // x.detach(), a tensor of the same storage
Tensor diag_embed(AnyTensor, ...) = delete;         // x.unsqueeze(-1) * eye(n)
Tensor diagflat(AnyTensor, ...) = delete;           // x.flatten().unsqueeze(-1) * eye(n)
Tensor diagonal_scatter(AnyTensor, ...) = delete;   // y = x.clone(); y.diagonal().copy_(source)
Tensor diff(AnyTensor, ...) = delete;               // x.narrow(dim, 1, n - 1) - x.narrow(dim, 0, n - 1)
Tensor digamma(AnyTensor, ...) = delete;            // an op of your own is a page: examples/05_own_op.cpp
Tensor dist(AnyTensor, ...) = delete;               // (a - b).pow(2).sum().sqrt()
Tensor div(AnyTensor, ...) = delete;                // a / b; floor_divide(a, b) for rounding down
Tensor divide(AnyTensor, ...) = delete;             // x / y
Tensor divide_(AnyTensor, ...) = delete;            // x /= y
Tensor dropout_(AnyTensor, ...) = delete;           // x.copy_(dropout(x, p))
Tensor dsplit(AnyTensor, ...) = delete;             // x.chunk(n, 2)
Tensor eig(AnyTensor, ...) = delete;                // rill has no linear algebra but matmul
Tensor element_size(AnyTensor, ...) = delete;       // size_of(x.dtype())
Tensor elu(AnyTensor, ...) = delete;                // where(x > 0, x, exp(x) - 1)
Tensor embedding_bag(AnyTensor, ...) = delete;      // embedding(ids, weight).mean(1)
Tensor erfc(AnyTensor, ...) = delete;               // 1 - erf(x)
Tensor erfinv(AnyTensor, ...) = delete;             // an op of your own is a page: examples/05_own_op.cpp
Tensor exp2(AnyTensor, ...) = delete;               // pow(2, x)
Tensor exp2_(AnyTensor, ...) = delete;              // x.copy_(pow(2, x))
Tensor expm1(AnyTensor, ...) = delete;              // exp(x) - 1
Tensor expm1_(AnyTensor, ...) = delete;             // x.copy_(exp(x) - 1)
Tensor exponential_(AnyTensor, ...) = delete;       // x.copy_(-log(rand_like(x)))
Tensor feature_dropout(AnyTensor, ...) = delete;    // dropout(x, p)
Tensor fill_diagonal_(AnyTensor, ...) = delete;     // x.diagonal().fill_(value)
Tensor fix(AnyTensor, ...) = delete;                // sign(x) * floor(abs(x))
Tensor fliplr(AnyTensor, ...) = delete;             // x.flip(1)
Tensor flipud(AnyTensor, ...) = delete;             // x.flip(0)
Tensor float_power(AnyTensor, ...) = delete;        // x.to(float64).pow(y)
Tensor fmax(AnyTensor, ...) = delete;               // maximum(x, y)
Tensor fmin(AnyTensor, ...) = delete;               // minimum(x, y)
Tensor fmod(AnyTensor, ...) = delete;               // x % y, which has the sign of y
Tensor frac(AnyTensor, ...) = delete;               // x - floor(x)
Tensor gaussian_nll_loss(AnyTensor, ...) = delete;  // 0.5 * (log(var) + (x - target).pow(2) / var)
Tensor geometric_(AnyTensor, ...) = delete;         // randn, rand, randint, bernoulli and multinomial draw
Tensor ger(AnyTensor, ...) = delete;                // outer(a, b)
Tensor get_device(AnyTensor, ...) = delete;         // all tensors are on the CPU
Tensor glu(AnyTensor, ...) = delete;                // a * sigmoid(b), of the halves x.chunk(2, -1)
Tensor greater_equal(AnyTensor, ...) = delete;      // x >= y
Tensor grid_sample(AnyTensor, ...) = delete;        // rill has no images
Tensor group_norm(AnyTensor, ...) = delete;         // layer_norm of x.view({n, groups, -1})
Tensor gumbel_softmax(AnyTensor, ...) = delete;     // softmax((logits - log(-log(rand_like(logits)))) / tau, -1)
Tensor hardshrink(AnyTensor, ...) = delete;         // where(abs(x) > lambda, x, 0.0)
Tensor hardsigmoid(AnyTensor, ...) = delete;        // (x / 6 + 0.5).clamp(0, 1)
Tensor hardswish(AnyTensor, ...) = delete;          // x * (x / 6 + 0.5).clamp(0, 1)
Tensor hardtanh(AnyTensor, ...) = delete;           // x.clamp(-1, 1)
Tensor hardtanh_(AnyTensor, ...) = delete;          // x.clamp_(-1, 1)
Tensor heaviside(AnyTensor, ...) = delete;          // (x > 0).to(float32)
Tensor hinge_embedding_loss(AnyTensor, ...) = delete;  // where(y > 0, x, relu(margin - x)).mean()
Tensor histc(AnyTensor, ...) = delete;              // bincount(x), of whole numbers
Tensor hsplit(AnyTensor, ...) = delete;             // x.chunk(n, 1)
Tensor hypot(AnyTensor, ...) = delete;              // (x * x + y * y).sqrt()
Tensor index_add(AnyTensor, ...) = delete;          // x.scatter_add(dim, index, source)
Tensor index_add_(AnyTensor, ...) = delete;         // x.copy_(x.scatter_add(dim, index, source))
Tensor index_copy(AnyTensor, ...) = delete;         // x.scatter_add(dim, index, source), of zeros
Tensor index_copy_(AnyTensor, ...) = delete;        // x.select(dim, i).copy_(source), for each i
Tensor index_fill(AnyTensor, ...) = delete;         // x.masked_fill(mask, value)
Tensor index_fill_(AnyTensor, ...) = delete;        // x.masked_fill_(mask, value), x.select(dim, i).fill_(value)
Tensor index_put(AnyTensor, ...) = delete;          // x.copy_(where(mask, value, x))
Tensor index_put_(AnyTensor, ...) = delete;         // x.copy_(where(mask, value, x))
Tensor instance_norm(AnyTensor, ...) = delete;      // layer_norm or rms_norm
Tensor interpolate(AnyTensor, ...) = delete;        // x.repeat({...}), or index_select
Tensor inverse(AnyTensor, ...) = delete;            // rill has no linear algebra but matmul
Tensor is_complex(AnyTensor, ...) = delete;         // false: all numbers are real
Tensor is_cpu(AnyTensor, ...) = delete;             // true
Tensor is_cuda(AnyTensor, ...) = delete;            // false: all tensors are on the CPU
Tensor is_nonzero(AnyTensor, ...) = delete;         // x.item<double>() != 0
Tensor is_signed(AnyTensor, ...) = delete;          // x.dtype() != bool_
Tensor is_sparse(AnyTensor, ...) = delete;          // false: all tensors are dense
Tensor isin(AnyTensor, ...) = delete;               // (x.unsqueeze(-1) == values).any(-1), by eq
Tensor isinf(AnyTensor, ...) = delete;              // !isfinite(x) & !isnan(x)
Tensor isneginf(AnyTensor, ...) = delete;           // eq(x, -std::numeric_limits<double>::infinity())
Tensor isposinf(AnyTensor, ...) = delete;           // eq(x, std::numeric_limits<double>::infinity())
Tensor kron(AnyTensor, ...) = delete;               // (a[:, None, :, None] * b[None, :, None, :]), by unsqueeze and reshape
Tensor kthvalue(AnyTensor, ...) = delete;           // x.sort(dim).values.select(dim, k - 1)
Tensor ldexp(AnyTensor, ...) = delete;              // x * pow(2, y)
Tensor less_equal(AnyTensor, ...) = delete;         // x <= y
Tensor lgamma(AnyTensor, ...) = delete;             // an op of your own is a page: examples/05_own_op.cpp
Tensor lgamma_(AnyTensor, ...) = delete;            // an op of your own is a page: examples/05_own_op.cpp
Tensor log10(AnyTensor, ...) = delete;              // log(x) / std::numbers::ln10
Tensor log10_(AnyTensor, ...) = delete;             // x.copy_(log(x) / std::numbers::ln10)
Tensor log2(AnyTensor, ...) = delete;               // log(x) / std::numbers::ln2
Tensor log2_(AnyTensor, ...) = delete;              // x.copy_(log(x) / std::numbers::ln2)
Tensor log_normal_(AnyTensor, ...) = delete;        // x.copy_(exp(randn(x.shape())))
Tensor logaddexp(AnyTensor, ...) = delete;          // logsumexp(stack({a, b}), 0)
Tensor logcumsumexp(AnyTensor, ...) = delete;       // x.exp().cumsum(dim).log()
Tensor logdet(AnyTensor, ...) = delete;             // rill has no linear algebra but matmul
Tensor logsigmoid(AnyTensor, ...) = delete;         // -softplus(-x)
Tensor lstsq(AnyTensor, ...) = delete;              // rill has no linear algebra but matmul
Tensor mH(AnyTensor, ...) = delete;                 // x.mT()
Tensor map_(AnyTensor, ...) = delete;               // to_vector<float>(), and from_vector of what you make of it
Tensor margin_ranking_loss(AnyTensor, ...) = delete;  // relu(margin - y * (a - b)).mean()
Tensor masked_scatter(AnyTensor, ...) = delete;     // where(mask, source, x)
Tensor masked_scatter_(AnyTensor, ...) = delete;    // x.copy_(where(mask, source, x))
Tensor matrix_exp(AnyTensor, ...) = delete;         // rill has no linear algebra but matmul
Tensor matrix_power(AnyTensor, ...) = delete;       // matmul, n times
Tensor max_pool1d(AnyTensor, ...) = delete;         // x.unflatten(-1, {-1, size}).amax(-1)
Tensor max_pool2d(AnyTensor, ...) = delete;         // rill has no convolutions: x.view({n, c, h, size, w, size}).amax({3, 5})
Tensor mish(AnyTensor, ...) = delete;               // x * tanh(softplus(x))
Tensor moveaxis(AnyTensor, ...) = delete;           // x.permute({...})
Tensor msort(AnyTensor, ...) = delete;              // x.sort(0).values
Tensor multi_margin_loss(AnyTensor, ...) = delete;  // cross_entropy
Tensor multilabel_soft_margin_loss(AnyTensor, ...) = delete;  // binary_cross_entropy_with_logits
Tensor multiply(AnyTensor, ...) = delete;           // x * y
Tensor multiply_(AnyTensor, ...) = delete;          // x *= y
Tensor mv(AnyTensor, ...) = delete;                 // matmul(a, v)
Tensor nanmean(AnyTensor, ...) = delete;            // x.masked_select(isfinite(x)).mean()
Tensor nanmedian(AnyTensor, ...) = delete;          // x.masked_select(isfinite(x)).median()
Tensor nansum(AnyTensor, ...) = delete;             // where(isfinite(x), x, 0.0).sum()
Tensor nbytes(AnyTensor, ...) = delete;             // x.numel() * size_of(x.dtype())
Tensor ndimension(AnyTensor, ...) = delete;         // x.dim()
Tensor negative(AnyTensor, ...) = delete;           // -x
Tensor negative_(AnyTensor, ...) = delete;          // x *= -1
Tensor nelement(AnyTensor, ...) = delete;           // x.numel()
Tensor new_tensor(AnyTensor, ...) = delete;         // tensor(values, x.dtype())
Tensor nonzero_static(AnyTensor, ...) = delete;     // nonzero(x)
Tensor not_equal(AnyTensor, ...) = delete;          // x != y, or ne(x, y)
Tensor numpy(AnyTensor, ...) = delete;              // to_vector<float>(), save_npy(path, x)
Tensor pairwise_distance(AnyTensor, ...) = delete;  // (a - b).pow(2).sum(-1).sqrt()
Tensor pdist(AnyTensor, ...) = delete;              // (x.unsqueeze(1) - x.unsqueeze(0)).pow(2).sum(-1).sqrt()
Tensor pin_memory(AnyTensor, ...) = delete;         // x: all tensors are on the CPU
Tensor pinverse(AnyTensor, ...) = delete;           // rill has no linear algebra but matmul
Tensor pixel_shuffle(AnyTensor, ...) = delete;      // x.view({...}).permute({...}).reshape({...})
Tensor poisson(AnyTensor, ...) = delete;            // randn, rand, randint, bernoulli and multinomial draw
Tensor poisson_nll_loss(AnyTensor, ...) = delete;   // (exp(x) - target * x).mean()
Tensor positive(AnyTensor, ...) = delete;           // x
Tensor prelu(AnyTensor, ...) = delete;              // where(x > 0, x, weight * x)
Tensor put_(AnyTensor, ...) = delete;               // x.copy_(where(mask, value, x))
Tensor qr(AnyTensor, ...) = delete;                 // rill has no linear algebra but matmul
Tensor quantile(AnyTensor, ...) = delete;           // x.sort(dim).values.select(dim, i)
Tensor rad2deg(AnyTensor, ...) = delete;            // x * 180 / std::numbers::pi
Tensor randint_like(AnyTensor, ...) = delete;       // randint(low, high, x.shape())
Tensor random_(AnyTensor, ...) = delete;            // x.copy_(randint(low, high, x.shape()))
Tensor ravel(AnyTensor, ...) = delete;              // x.flatten()
Tensor reciprocal(AnyTensor, ...) = delete;         // 1 / x
Tensor reciprocal_(AnyTensor, ...) = delete;        // x.copy_(1 / x)
Tensor register_post_accumulate_grad_hook(AnyTensor, ...) = delete;  // x.register_hook(f), called with the gradient of a leaf
Tensor relu6(AnyTensor, ...) = delete;              // x.clamp(0, 6)
Tensor renorm(AnyTensor, ...) = delete;             // x * (max_norm / norm).clamp(0, 1)
Tensor resize_(AnyTensor, ...) = delete;            // x.reshape(shape)
Tensor resize_as_(AnyTensor, ...) = delete;         // x.reshape(y.shape())
Tensor retains_grad(AnyTensor, ...) = delete;       // x.retain_grad() makes it so
Tensor rot90(AnyTensor, ...) = delete;              // x.transpose(0, 1).flip(0)
Tensor rrelu(AnyTensor, ...) = delete;              // leaky_relu(x, negative_slope)
Tensor scatter(AnyTensor, ...) = delete;            // x.scatter_add(dim, index, source) adds; where(mask, value, x) sets
Tensor scatter_(AnyTensor, ...) = delete;           // x.scatter_add_(dim, index, source) adds; x.copy_(where(mask, value, x)) sets
Tensor scatter_reduce(AnyTensor, ...) = delete;     // x.scatter_add(dim, index, source), for sums
Tensor searchsorted(AnyTensor, ...) = delete;       // (x.unsqueeze(-1) > boundaries).sum(-1)
Tensor select_scatter(AnyTensor, ...) = delete;     // y = x.clone(); y.select(dim, i).copy_(source)
Tensor selu(AnyTensor, ...) = delete;               // 1.0507 * where(x > 0, x, 1.67326 * (exp(x) - 1))
Tensor set_requires_grad(AnyTensor, ...) = delete;  // requires_grad_()
Tensor sgn(AnyTensor, ...) = delete;                // sign(x)
Tensor share_memory_(AnyTensor, ...) = delete;      // x: threads share every tensor
Tensor signbit(AnyTensor, ...) = delete;            // x < 0
Tensor sinc(AnyTensor, ...) = delete;               // where(x == 0, 1.0, sin(x) / x)
Tensor sinh(AnyTensor, ...) = delete;               // (exp(x) - exp(-x)) / 2
Tensor slice_scatter(AnyTensor, ...) = delete;      // y = x.clone(); y.narrow(dim, start, n).copy_(source)
Tensor slogdet(AnyTensor, ...) = delete;            // rill has no linear algebra but matmul
Tensor soft_margin_loss(AnyTensor, ...) = delete;   // softplus(-y * x).mean()
Tensor softmin(AnyTensor, ...) = delete;            // softmax(-x, dim)
Tensor softshrink(AnyTensor, ...) = delete;         // sign(x) * relu(abs(x) - lambda)
Tensor softsign(AnyTensor, ...) = delete;           // x / (1 + abs(x))
Tensor split_with_sizes(AnyTensor, ...) = delete;   // x.split(sizes, dim)
Tensor squeeze_(AnyTensor, ...) = delete;           // x.squeeze(), a view
Tensor stft(AnyTensor, ...) = delete;               // rill has no Fourier transforms
Tensor storage_offset(AnyTensor, ...) = delete;     // views hide where they lie in their storage
Tensor sub(AnyTensor, ...) = delete;                // x - alpha * y
Tensor sub_(AnyTensor, ...) = delete;               // x -= alpha * y
Tensor subtract(AnyTensor, ...) = delete;           // x - y
Tensor subtract_(AnyTensor, ...) = delete;          // x -= y
Tensor sum_to_size(AnyTensor, ...) = delete;        // x.sum(dims, true)
Tensor svd(AnyTensor, ...) = delete;                // rill has no linear algebra but matmul
Tensor swapaxes(AnyTensor, ...) = delete;           // x.transpose(a, b)
Tensor swapdims(AnyTensor, ...) = delete;           // x.transpose(a, b)
Tensor t_(AnyTensor, ...) = delete;                 // x.t(), a view
Tensor tan(AnyTensor, ...) = delete;                // sin(x) / cos(x)
Tensor tanhshrink(AnyTensor, ...) = delete;         // x - tanh(x)
Tensor tensor_split(AnyTensor, ...) = delete;       // x.chunk(n, dim)
Tensor tensordot(AnyTensor, ...) = delete;          // matmul of reshaped tensors
Tensor tile(AnyTensor, ...) = delete;               // x.repeat({...})
Tensor to_dense(AnyTensor, ...) = delete;           // x: all tensors are dense
Tensor to_sparse(AnyTensor, ...) = delete;          // x: all tensors are dense
std::vector<double> tolist(AnyTensor, ...) = delete;  // to_vector<float>()
Tensor trace(AnyTensor, ...) = delete;              // x.diagonal().sum()
Tensor transpose_(AnyTensor, ...) = delete;         // x.transpose(a, b), a view
Tensor trapezoid(AnyTensor, ...) = delete;          // sums of x.narrow(...)
Tensor trapz(AnyTensor, ...) = delete;              // sums of x.narrow(...)
Tensor triplet_margin_loss(AnyTensor, ...) = delete;  // relu(d(anchor, positive) - d(anchor, negative) + margin).mean()
Tensor true_divide(AnyTensor, ...) = delete;        // x / y
Tensor trunc(AnyTensor, ...) = delete;              // sign(x) * floor(abs(x))
Tensor unfold(AnyTensor, ...) = delete;             // stack of x.narrow(dim, i, size), for each i
Tensor unique_consecutive(AnyTensor, ...) = delete;  // unique(x)
Tensor unsqueeze_(AnyTensor, ...) = delete;         // x.unsqueeze(dim), a view
Tensor untyped_storage(AnyTensor, ...) = delete;    // x.to_vector<float>()
Tensor vdot(AnyTensor, ...) = delete;               // (a * b).sum()
Tensor vsplit(AnyTensor, ...) = delete;             // x.chunk(n, 0)
Tensor xlogy(AnyTensor, ...) = delete;              // where(x == 0, 0.0, x * log(y))
Tensor zero_grad(AnyTensor, ...) = delete;          // x.set_grad({}), or zero_grad() of a module or an optimizer

// Members alone: as functions they would stand in the way of names that programs have.
namespace of_members {
Tensor astype(AnyTensor, ...) = delete;             // x.to(dtype)
Tensor at(AnyTensor, ...) = delete;                 // x[0][1]
Tensor bfloat16(AnyTensor, ...) = delete;           // rill computes in float32 and float64
Tensor byte(AnyTensor, ...) = delete;               // x.to(int64)
Tensor device(AnyTensor, ...) = delete;             // all tensors are on the CPU
Tensor gcd(AnyTensor, ...) = delete;                // std::gcd of numbers
Tensor greater(AnyTensor, ...) = delete;            // x > y
Tensor H(AnyTensor, ...) = delete;                  // x.mT()
Tensor half(AnyTensor, ...) = delete;               // rill computes in float32 and float64
Tensor index(AnyTensor, ...) = delete;              // x[i], x.narrow(dim, start, length), x.index_select(dim, ids), x.masked_select(mask)
Tensor inner(AnyTensor, ...) = delete;              // matmul(x, y.mT())
Tensor layout(AnyTensor, ...) = delete;             // all tensors are dense
Tensor lcm(AnyTensor, ...) = delete;                // std::lcm of numbers
Tensor less(AnyTensor, ...) = delete;               // x < y
Tensor less_(AnyTensor, ...) = delete;              // x.copy_(x < y)
Tensor mode(AnyTensor, ...) = delete;               // bincount(x).argmax()
Tensor mutable_grad(AnyTensor, ...) = delete;       // x.grad(), x.set_grad(g)
Tensor resize(AnyTensor, ...) = delete;             // x.reshape(shape)
DType scalar_type(AnyTensor, ...) = delete;         // x.dtype()
Tensor storage(AnyTensor, ...) = delete;            // x.to_vector<float>()
Tensor take(AnyTensor, ...) = delete;               // x.flatten().index_select(0, index)
Tensor type(AnyTensor, ...) = delete;               // x.to(dtype), x.dtype()
Tensor where(AnyTensor, ...) = delete;              // where(condition, x, y)
}  // namespace of_members
// clang-format on

}  // namespace rill
