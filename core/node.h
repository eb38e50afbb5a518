#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <rill/core/tensor.h>

namespace rill {

/// One entry of the table of gradients that an op records: which input, and by which formula the
/// gradient of the output becomes that of the input.
struct Input {
  Ref<Node> node;       // where that input came from; null where it wants no gradient
  const char* formula;  // as in "dout · bᵀ"
};

/// One recorded op, or a leaf. Nodes point to the nodes of their inputs, never to what follows.
class Node {
 public:
  using Hook = std::function<Tensor(const Tensor&)>;

  RefCount refs;

  /// Queues the node on this thread's list of dead nodes, which one loop drains: graphs of any
  /// depth are freed without recursion.
  static void destroy(Node* node) noexcept;
  virtual ~Node();
  static void* operator new(size_t bytes) { return allocate_small(bytes); }
  static void operator delete(void* block, size_t bytes) { free_small(block, bytes); }

  /// The op's name, as in "matmul"; "leaf" for a leaf.
  const char* name() const { return name_; }
  /// Grows with every node made: an input's number is below that of what was made from it.
  uint64_t id() const { return id_; }
  /// Shape and dtype of the output, and so of its gradient.
  const Shape& shape() const { return shape_; }
  DType dtype() const { return dtype_; }
  std::span<const Input> inputs() const { return inputs_; }
  virtual bool is_leaf() const { return false; }
  /// The formulas that stand with the rows, one a line: "a: dout · bᵀ".
  std::string explain() const;

  /// The gradients of the inputs that want one, given that of the output; pure.
  virtual void gradients(const Tensor& dout, std::span<Tensor> into) const = 0;
  /// Lets go of what the rows kept; the node cannot be walked again.
  virtual void release() = 0;

 protected:
  Node(const char* name, const Tensor& out);
  void set_inputs(std::span<const Input> inputs) { inputs_ = inputs; }

 private:
  friend struct Backward;
  friend struct TensorImpl;
  friend class Tensor;

  const char* name_;
  uint64_t id_;
  Shape shape_;
  DType dtype_;
  std::span<const Input> inputs_;
  Node* next_dead_ = nullptr;
  // What one backward walk writes.
  Tensor pending_;                 // the gradient of the output, so far
  std::atomic<uint32_t> walk_{0};  // the walk that has reached this node, and has it for itself
  bool wanted_ = false;            // a gradient that was asked for lies here or behind
  bool released_ = false;
  // Where the finished gradient goes besides the rows: the tensor whose `.grad` it becomes (which
  // this does not own), and hooks.
  std::atomic<TensorImpl*> grad_owner_{nullptr};
  std::unique_ptr<std::vector<std::pair<int64_t, Hook>>> hooks_;
};

/// How many nodes are alive, on all threads.
int64_t live_nodes();

}  // namespace rill
