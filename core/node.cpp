#include <rill/core/node.h>

#include <mutex>

namespace rill {
namespace {

std::atomic<uint64_t> next_id{1};
std::atomic<int64_t> live{0};

/// Nodes of this thread whose last owner is gone, waiting for the one loop that deletes them.
struct DeadNodes {
  Node* first;
  bool is_draining;
};
constinit thread_local DeadNodes dead{nullptr, false};

std::mutex& ends_mutex() {
  static std::mutex* instance = new std::mutex;  // outlives every tensor, static ones too
  return *instance;
}

}  // namespace

Node::Node(const char* name, const Tensor& out)
    : name_(name),
      id_(next_id.fetch_add(1, std::memory_order_relaxed)),
      shape_(out.shape()),
      dtype_(out.dtype()) {
  live.fetch_add(1, std::memory_order_relaxed);
}

Node::Node(const Node& other)
    : name_(other.name_), id_(other.id_), shape_(other.shape_), dtype_(other.dtype_) {
  live.fetch_add(1, std::memory_order_relaxed);
}

Node::~Node() { live.fetch_sub(1, std::memory_order_relaxed); }

void Node::destroy(Node* node) noexcept {
  node->next_dead_ = dead.first;
  dead.first = node;
  if (dead.is_draining) return;
  dead.is_draining = true;
  while (Node* next = dead.first) {
    dead.first = next->next_dead_;
    delete next;  // may queue the nodes of its inputs
  }
  dead.is_draining = false;
}

Node::EndsLock::EndsLock() { ends_mutex().lock(); }
Node::EndsLock::~EndsLock() { ends_mutex().unlock(); }

Node::Hooks Node::hooks() const {
  const EndsLock lock;
  return hooks_ ? *hooks_ : Hooks();
}

TensorImpl* Node::owner_that_wants_grad() const {
  TensorImpl* owner = grad_owner_.load();
  return owner && owner->node.get() == this ? owner : nullptr;
}

Tensor Node::grad_of_owner() const {
  const TensorImpl* owner = owner_that_wants_grad();
  return owner ? owner->grad : Tensor();
}

void Node::exchange_grad_of_owner(Tensor& gradient) const {
  if (TensorImpl* owner = owner_that_wants_grad()) std::swap(owner->grad, gradient);
}

std::string Node::explain() const {
  std::string text = name_;
  for (size_t i = 0; i < inputs_.size(); ++i)
    text += "\n  input " + std::to_string(i) + ": " +
            (inputs_[i].node ? inputs_[i].formula : "no gradient wanted");
  return text;
}

int64_t live_nodes() { return live.load(std::memory_order_relaxed); }

}  // namespace rill
