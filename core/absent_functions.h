#pragma once

#include <rill/core/state_dict.h>
#include <rill/core/tensor.h>

// Functions of PyTorch's that take no tensor first, or several, and classes, that rill goes
// without: see <rill/core/absent_names.h>.

namespace rill {

// clang-format off
bool are_deterministic_algorithms_enabled(...) = delete;  // true: the same bits on any number of threads
Tensor as_tensor(...) = delete;                     // tensor(values)
Tensor asarray(...) = delete;                       // tensor(values)
Tensor binary_cross_entropy(...) = delete;          // binary_cross_entropy_with_logits
Tensor block_diag(...) = delete;                    // cat of rows of cat({block, zeros}, 1)
std::vector<Tensor> broadcast_tensors(...) = delete;  // x.expand(shape), of each
Tensor cartesian_prod(...) = delete;                // stack of x.unsqueeze(1).expand({n, m}) and y.expand({n, m})
Tensor causal_mask(...) = delete;                   // {.is_causal = true}, or tril(ones({n, n})) > 0
Tensor chain_matmul(...) = delete;                  // matmul(matmul(a, b), c)
Tensor checkpoint(...) = delete;                    // rill always keeps what backward needs; for files there is `Checkpoint`
double clip_grad_norm_(...) = delete;               // optim::clip_grad_norm_ or nn::utils::clip_grad_norm_
void clip_grad_value_(...) = delete;                // optim::clip_grad_value_ or nn::utils::clip_grad_value_
Tensor column_stack(...) = delete;                  // stack(tensors, 1)
Tensor combinations(...) = delete;                  // nonzero(triu(ones({n, n}), 1))
Tensor concat(...) = delete;                        // cat(tensors, dim)
Tensor concatenate(...) = delete;                   // cat(tensors, dim)
void detect_anomaly(...) = delete;                  // nn::audit and the observers name what is not finite
Tensor dstack(...) = delete;                        // stack(tensors, 2)
Tensor einsum(...) = delete;                        // matmul(a, b) or bmm(a, b), of permuted tensors
Tensor empty_strided(...) = delete;                 // empty(shape)
void enable_grad(...) = delete;                     // EnableGradGuard
double finfo(...) = delete;                          // std::numeric_limits<float>::max(), lowest(), epsilon()
Tensor from_blob(...) = delete;                     // from_vector(std::vector<float>(data, data + n), shape)
Tensor from_numpy(...) = delete;                    // load_npy(path)
Tensor frombuffer(...) = delete;                    // from_vector(std::vector<float>(data, data + n), shape)
DType get_default_dtype(...) = delete;              // float32
int get_num_threads(...) = delete;                  // num_threads()
StateDict get_rng_state(...) = delete;              // default_generator().state_dict()
Tensor hann_window(...) = delete;                   // 0.5 - 0.5 * cos(...) of arange(n)
Tensor hessian(...) = delete;                       // grad(y, x, {.create_graph = true})[0], and grad of its elements
Tensor hstack(...) = delete;                        // cat(tensors, 1)
int64_t iinfo(...) = delete;                        // std::numeric_limits<int64_t>::max(), min()
void inference_mode(...) = delete;                  // NoGradGuard
struct InferenceMode { InferenceMode(...) = delete; };  // const NoGradGuard no_grad;
uint64_t initial_seed(...) = delete;                // default_generator().seed()
Tensor jacobian(...) = delete;                      // grad(y[i], x, {.retain_graph = true})[0] for each i, stacked
StateDict load(...) = delete;                       // load_safetensors(path), nn::load(model, path)
Tensor logspace(...) = delete;                      // pow(10, linspace(start, end, steps))
std::vector<Tensor> meshgrid(...) = delete;         // x.unsqueeze(1).expand({n, m}) and y.unsqueeze(0).expand({n, m})
void no_grad(...) = delete;                         // const NoGradGuard no_grad;
DType promote_types(...) = delete;                  // result of a + b
std::vector<Tensor> random_split(...) = delete;      // ids = randperm(n); x[ids.slice(0, 0, k)], x[ids.slice(0, k)]
Tensor row_stack(...) = delete;                     // cat(tensors, 0)
void save(...) = delete;                            // nn::save(model, path), save_safetensors(path, state), save_npy(path, tensor)
Tensor scalar_tensor(...) = delete;                 // tensor(value)
void set_anomaly_enabled(...) = delete;             // nn::audit and the observers name what is not finite
void set_default_device(...) = delete;              // all tensors are on the CPU
void set_default_dtype(...) = delete;               // zeros(shape, float64), x.to(float64), model.to(float64)
void set_detect_anomaly(...) = delete;              // nn::audit and the observers name what is not finite
void set_float32_matmul_precision(...) = delete;    // rill computes in float32 or float64, as the dtype says
void set_num_interop_threads(...) = delete;         // set_num_threads(n)
void set_printoptions(...) = delete;                // x.to_string(), to_vector<double>()
void set_rng_state(...) = delete;                   // default_generator().load_state_dict(state)
Tensor sparse_coo_tensor(...) = delete;             // rill has no sparse tensors
struct TensorDataset { TensorDataset(...) = delete; };  // the tensors in braces: DataLoader({x, y}, {.batch_size = 32})
Tensor tril_indices(...) = delete;                  // nonzero(tril(ones({n, m})))
Tensor triu_indices(...) = delete;                  // nonzero(triu(ones({n, m})))
void use_deterministic_algorithms(...) = delete;    // rill always is: the same bits on any number of threads
Tensor vander(...) = delete;                        // stack of x.pow(i)
Tensor vmap(...) = delete;                          // ops broadcast, and take batches
Tensor vstack(...) = delete;                        // stack(tensors) of vectors, cat(tensors, 0) of matrices
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
