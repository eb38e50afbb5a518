#pragma once

#include <rill/core/absent_names.h>
#include <rill/core/state_dict.h>
#include <rill/core/tensor.h>

// Functions of PyTorch's that take no tensor first, or several, and classes, that rill goes
// without: see <rill/core/absent_names.h>.

namespace rill {

// clang-format off
template <class = void>
Tensor arange(...) = delete;  // arange(start, end, step, dtype)
bool are_deterministic_algorithms_enabled(...) = delete;  // true: the same bits on any number of threads
Tensor as_tensor(...) = delete;                     // tensor(values)
Tensor asarray(...) = delete;                       // tensor(values)
struct AutoGradMode { AutoGradMode(...) = delete; };  // const GradModeGuard mode(enabled)
void backward(AnyTensor, ...) = delete;             // y.backward()
struct BatchSampler { BatchSampler(...) = delete; };  // DataLoader({x, y}, {.batch_size = 32, .drop_last = true})
Tensor binary_cross_entropy(...) = delete;          // binary_cross_entropy_with_logits
Tensor block_diag(...) = delete;                    // cat of rows of cat({block, zeros}, 1)
std::vector<Tensor> broadcast_tensors(...) = delete;  // x.expand(shape), of each
Tensor cartesian_prod(...) = delete;                // stack of x.unsqueeze(1).expand({n, m}) and y.expand({n, m})
template <class = void>
Tensor cat(...) = delete;  // cat({x, y}, dim)
Tensor cat(const std::vector<Tensor>&, NoWholeNumber auto) = delete;  // cat({x, y}, dim)
Tensor causal_mask(...) = delete;                   // {.is_causal = true}, or tril(ones({n, n})) > 0
Tensor chain_matmul(...) = delete;                  // matmul(matmul(a, b), c)
Tensor checkpoint(...) = delete;                    // rill always keeps what backward needs; for files there is `Checkpoint`
double clip_grad_norm_(...) = delete;               // optim::clip_grad_norm_ or nn::utils::clip_grad_norm_
void clip_grad_value_(...) = delete;                // optim::clip_grad_value_ or nn::utils::clip_grad_value_
Tensor column_stack(...) = delete;                  // stack(tensors, 1)
Tensor combinations(...) = delete;                  // nonzero(triu(ones({n, n}), 1))
Tensor concat(...) = delete;                        // cat(tensors, dim)
struct ConcatDataset { ConcatDataset(...) = delete; };  // cat({a, b}), of each tensor
Tensor concatenate(...) = delete;                   // cat(tensors, dim)
Tensor default_collate(...) = delete;               // stack(tensors)
void detect_anomaly(...) = delete;                  // const AnomalyGuard guard;
Tensor dstack(...) = delete;                        // stack(tensors, 2)
Tensor einsum(...) = delete;                        // matmul(a, b) or bmm(a, b), of permuted tensors
template <class = void>
Tensor empty(...) = delete;  // empty({2, 3}, float64)
template <class = void>
Tensor empty_like(...) = delete;  // empty_like(x, {.dtype = float64})
Tensor empty_strided(...) = delete;                 // empty(shape)
void enable_grad(...) = delete;                     // EnableGradGuard
template <class = void>
Tensor eye(...) = delete;  // eye(n, m, dtype)
double finfo(...) = delete;                          // std::numeric_limits<float>::max(), lowest(), epsilon()
Tensor from_blob(...) = delete;                     // from_vector(std::vector<float>(data, data + n), shape)
Tensor from_numpy(...) = delete;                    // load_npy(path)
template <class = void>
Tensor from_vector(...) = delete;  // from_vector(values, {2, 3}), of a std::vector of numbers
Tensor frombuffer(...) = delete;                    // from_vector(std::vector<float>(data, data + n), shape)
template <class = void>
Tensor full(...) = delete;  // full({2, 3}, value, {.dtype = float64})
template <class = void>
Tensor full_like(...) = delete;  // full_like(x, value, {.dtype = float64})
DType get_default_dtype(...) = delete;              // float32
int get_num_threads(...) = delete;                  // num_threads()
StateDict get_rng_state(...) = delete;              // default_generator().state_dict()
template <class = void>
std::vector<Tensor> grad(...) = delete;  // grad(y, x, {.grad_outputs = {v}, .create_graph = true})[0]
template <class = void>
bool gradcheck(...) = delete;  // gradcheck([](const Tensor& x) { return tanh(x); }, x)
Tensor hann_window(...) = delete;                   // 0.5 - 0.5 * cos(...) of arange(n)
Tensor hessian(...) = delete;                       // grad(y, x, {.create_graph = true})[0], and grad of its elements
Tensor hstack(...) = delete;                        // cat(tensors, 1)
int64_t iinfo(...) = delete;                        // std::numeric_limits<int64_t>::max(), min()
void inference_mode(...) = delete;                  // NoGradGuard
struct InferenceMode { InferenceMode(...) = delete; };  // const NoGradGuard no_grad;
uint64_t initial_seed(...) = delete;                // default_generator().seed()
bool is_floating_point(AnyTensor, ...) = delete;    // x.is_floating_point()
bool is_tensor(AnyTensor, ...) = delete;            // x.defined(): in C++ a Tensor is one
struct IterableDataset { IterableDataset(...) = delete; };  // tensors: DataLoader({x, y}, {.batch_size = 32})
Tensor jacobian(...) = delete;                      // grad(y[i], x, {.retain_graph = true})[0] for each i, stacked
int64_t len(AnyTensor, ...) = delete;               // x.size(0)
template <class = void>
Tensor linspace(...) = delete;  // linspace(start, end, steps, dtype)
StateDict load(...) = delete;                       // load_safetensors(path), nn::load(model, path)
StateDict load_file(...) = delete;                  // load_safetensors(path)
Tensor logspace(...) = delete;                      // pow(10, linspace(start, end, steps))
std::vector<Tensor> meshgrid(...) = delete;         // x.unsqueeze(1).expand({n, m}) and y.unsqueeze(0).expand({n, m})
void no_grad(...) = delete;                         // const NoGradGuard no_grad;
template <class = void>
Tensor normal(...) = delete;  // normal(mean, std, shape)
int64_t numel(AnyTensor, ...) = delete;             // x.numel()
template <class = void>
Tensor ones(...) = delete;  // ones({2, 3}, {.dtype = float64, .requires_grad = true})
template <class = void>
Tensor ones_like(...) = delete;  // ones_like(x, {.dtype = float64})
void print(AnyTensor, ...) = delete;                // std::cout << x
DType promote_types(...) = delete;                  // result of a + b
template <class = void>
Tensor rand(...) = delete;  // rand({2, 3}, generator), rand({2, 3}, {.dtype = float64})
template <class = void>
Tensor rand_like(...) = delete;  // rand_like(x, {.dtype = float64})
template <class = void>
Tensor randint(...) = delete;  // randint(low, high, shape, generator)
template <class = void>
Tensor randn(...) = delete;  // randn({2, 3}, generator), randn({2, 3}, {.dtype = float64})
template <class = void>
Tensor randn_like(...) = delete;  // randn_like(x, {.dtype = float64})
std::vector<Tensor> random_split(...) = delete;      // ids = randperm(n); x[ids.slice(0, 0, k)], x[ids.slice(0, k)]
struct RandomSampler { RandomSampler(...) = delete; };  // DataLoader({x, y}, {.shuffle = true})
template <class = void>
Tensor randperm(...) = delete;  // randperm(n, generator)
Tensor row_stack(...) = delete;                     // cat(tensors, 0)
void save(...) = delete;                            // nn::save(model, path), save_safetensors(path, state), save_npy(path, tensor)
void save_file(...) = delete;                       // save_safetensors(path, state)
void save_npy(AnyTensor, ...) = delete;             // save_npy(path, x)
Tensor scalar_tensor(...) = delete;                 // tensor(value)
struct SequentialSampler { SequentialSampler(...) = delete; };  // DataLoader({x, y}), which does not shuffle
void set_anomaly_enabled(...) = delete;             // const AnomalyGuard guard;
void set_default_device(...) = delete;              // all tensors are on the CPU
void set_default_dtype(...) = delete;               // zeros(shape, float64), x.to(float64), model.to(float64)
void set_detect_anomaly(...) = delete;              // const AnomalyGuard guard;
void set_float32_matmul_precision(...) = delete;    // rill computes in float32 or float64, as the dtype says
void set_num_interop_threads(...) = delete;         // set_num_threads(n)
void set_printoptions(...) = delete;                // four digits are printed; for others format x.to_vector()
void set_rng_state(...) = delete;                   // default_generator().load_state_dict(state)
Tensor sparse_coo_tensor(...) = delete;             // rill has no sparse tensors
template <class = void>
Tensor stack(...) = delete;  // stack({x, y}, dim)
Tensor stack(const std::vector<Tensor>&, NoWholeNumber auto) = delete;  // stack({x, y}, dim)
struct SubsetRandomSampler { SubsetRandomSampler(...) = delete; };  // DataLoader({x[ids], y[ids]}, {.shuffle = true})
template <class = void>
Tensor tensor(...) = delete;  // tensor({1.0, 2.0}, {.dtype = float64}), stack({x, y}), from_vector(values, {2, 3})
struct TensorDataset { TensorDataset(...) = delete; };  // the tensors in braces: DataLoader({x, y}, {.batch_size = 32})
Tensor tril_indices(...) = delete;                  // nonzero(tril(ones({n, m})))
Tensor triu_indices(...) = delete;                  // nonzero(triu(ones({n, m})))
void use_deterministic_algorithms(...) = delete;    // rill always is: the same bits on any number of threads
Tensor vander(...) = delete;                        // stack of x.pow(i)
Tensor vmap(...) = delete;                          // ops broadcast, and take batches
Tensor vstack(...) = delete;                        // stack(tensors) of vectors, cat(tensors, 0) of matrices
struct WeightedRandomSampler { WeightedRandomSampler(...) = delete; };  // ids = multinomial(weights, n, true); DataLoader({x[ids], y[ids]})
template <class = void>
Tensor where(...) = delete;  // where(mask, x, y), nonzero(mask)
template <class = void>
Tensor zeros(...) = delete;  // zeros({2, 3}, {.dtype = float64, .requires_grad = true})
template <class = void>
Tensor zeros_like(...) = delete;  // zeros_like(x, {.dtype = float64})
// clang-format on

namespace autograd {
template <class Own>
struct Function;  // an op of your own is a page: examples/05_own_op.cpp
struct Context;   // what a row keeps: examples/05_own_op.cpp
}  // namespace autograd

namespace autograd::functional {
using rill::hessian;
using rill::jacobian;
}  // namespace autograd::functional

}  // namespace rill
