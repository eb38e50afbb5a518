#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
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
  using Hooks = std::vector<std::pair<int64_t, Ref<Hook>>>;  // each with its number

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
  /// Where the gradient of the one input is that of the output in a part, and zero elsewhere: that
  /// part of `total`, a tensor like the input. Undefined for all other nodes.
  virtual Tensor part_of(const Tensor& /*total*/) const { return {}; }
  /// Lets go of what the rows kept; the node cannot be walked again.
  virtual void release() = 0;
  /// The tensors that the rows keep, as they are by now; one that several keep stands there for
  /// each.
  virtual std::vector<Tensor> kept() const { return {}; }
  /// Another node with the same rows, which keeps what they need beyond the `release` of this one;
  /// null for a leaf.
  virtual Ref<Node> copy() const { return {}; }
  /// A fused op made once more, of plain ops, from `inputs` that hold the same numbers.
  struct Twin {
    std::vector<Tensor> inputs;  // leaves that want a gradient where those of the op do
    Tensor out;
  };
  /// Nothing for an op that is not fused. Not to be asked after `release`. Throws AutogradError
  /// where what it needs was written to.
  virtual std::optional<Twin> twin() const { return {}; }

  /// While one lives, no other does: it guards what walks on several threads, and a tensor that is
  /// dropped meanwhile, may all reach: which tensor's `.grad` a node's gradient goes to, that
  /// `.grad`, and hooks. Nothing is freed and no op runs under it.
  class EndsLock {
   public:
    EndsLock();
    ~EndsLock();
    EndsLock(const EndsLock&) = delete;
    EndsLock& operator=(const EndsLock&) = delete;
  };

 protected:
  Node(const char* name, const Tensor& out);
  /// A copy, with the same id, in nobody's graph; inputs are set by the derived class.
  Node(const Node& other);
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

  /// Why no gradient may flow through here.
  enum class Lost : uint8_t { nothing, freed, freed_by_failure, replaced };
  Lost lost() const { return lost_.load(std::memory_order_relaxed); }
  void lose(Lost how) { lost_.store(how, std::memory_order_relaxed); }
  std::atomic<Lost> lost_{Lost::nothing};

  // Where the finished gradient goes besides the rows: hooks, and the tensor whose `.grad` it
  // becomes, which this does not own. `EndsLock` guards both, of all nodes: walks on other
  // threads may end at this node while the tensor is dropped.
  /// Copied, since a hook may remove itself.
  Hooks hooks() const;
  // The next four are called under an EndsLock.
  /// `.grad` of the tensor; undefined where there is none.
  Tensor grad_of_owner() const;
  /// Swaps `.grad` of the tensor with `gradient`; does nothing where no tensor wants one.
  void exchange_grad_of_owner(Tensor& gradient) const;
  TensorImpl* owner_that_wants_grad() const;
  void hand_over(TensorImpl& from, TensorImpl& to);
  /// `next`, with hooks and owner of this, takes this one's `place`.
  void give_way_to(Ref<Node> next, Ref<Node>& place);

  std::atomic<TensorImpl*> grad_owner_{nullptr};
  std::unique_ptr<Hooks> hooks_;
};

/// How many nodes are alive, on all threads.
int64_t live_nodes();

}  // namespace rill
