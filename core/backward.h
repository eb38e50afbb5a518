#pragma once

#include <algorithm>
#include <mutex>
#include <unordered_map>
#include <unordered_set>

#include <rill/core/autograd.h>
#include <rill/core/inplace.h>
#include <rill/core/ops.h>

namespace rill {
namespace detail {

/// Whether nobody else holds `tensor`, or memory of it.
inline bool is_held_once(const Tensor& tensor) {
  return tensor.impl()->refs.is_sole() && tensor.impl()->storage->refs.is_sole();
}
/// Whether it may be written to, and nobody else can see that.
inline bool is_solely_owned(const Tensor& tensor) {
  return is_held_once(tensor) && tensor.is_contiguous();
}

/// `gradient` in memory of its own: itself where nobody else holds it.
inline Tensor own(Tensor gradient) {
  return is_solely_owned(gradient) ? gradient : gradient.clone();
}

/// total += gradient, in place where nobody else sees it.
inline void accumulate(Tensor& total, Tensor gradient) {
  if (!total.defined())
    total = std::move(gradient);
  else if (!is_grad_enabled() && is_solely_owned(total))
    total.add_(gradient);
  else
    total = total + gradient;
}

}  // namespace detail

/// One walk over the graph: from the outputs, newest op first, each node turns the finished
/// gradient of its output into gradients of its inputs, which are added up where they arrive.
///
/// That is `backward` of examples/00_backward.cpp, and here `run`, `pass_on`, `run_rows` and
/// `send`. The rest is for graphs of which a part is asked for, hooks, observers, other threads,
/// and what goes wrong.
///
/// It does no arithmetic of its own: rows call ops, and those of a small matrix product end in the
/// three loops of core/kernels/plain_gemm.cpp.
struct Backward {
  Backward(bool create_graph, bool retain_graph)
      : mode_(create_graph), retain_(retain_graph || create_graph), number_(next_number()) {}
  Backward(const Backward&) = delete;
  Backward& operator=(const Backward&) = delete;
  ~Backward() {
    Op::current_ = running_op_;
    for (size_t i = 0; !is_done_ && !retain_ && i < passed_; ++i)
      ops_[i]->lose(Node::Lost::freed_by_failure);
    for (Node* node : ops_) {
      node->pending_ = Tensor();
      node->walk_.store(0, std::memory_order_release);  // from here on another walk may have it
    }
  }

  /// Asks for the gradient at `node`. With no such call, leaves' `.grad` is written.
  void ask(const Ref<Node>& node) {
    order_.push_back(node);
    asked_.emplace(node.get(), Tensor());
    oldest_ = std::min(oldest_ == 0 ? node->id() : oldest_, node->id());
  }

  /// Takes what lies between `outputs` and what was asked for; refuses what cannot be walked.
  void collect(const std::vector<Tensor>& outputs) {
    for (const Tensor& output : outputs) roots_.push_back(output.impl()->node);
    std::vector<Node*> ends, reached = reachable_ops(ends);
    if (!asked_.empty()) keep_the_way(reached, ends);
    hold(std::move(ends));
    ops_.reserve(reached.size());
    for (Node* node : reached) take(node);
  }
  /// Whether a gradient is going to arrive at `node`.
  bool reaches(Node* node) { return total_at(node); }

  void run(std::vector<Tensor> gradients) {
    const detail::ObservedWalk observed;
    for (size_t i = 0; i < roots_.size(); ++i) send(roots_[i].get(), std::move(gradients[i]));
    for (; passed_ < ops_.size(); ++passed_) pass_on(ops_[passed_]);
    for (EndArrival& end : ends_) finish_end(end);  // ops that were asked for: leaves are done
    deposit_all();
    is_done_ = true;
  }

  /// The gradients of what was asked for, in that order; undefined where none arrived.
  std::vector<Tensor> take_found() {
    std::vector<Tensor> found;
    for (const Ref<Node>& node : order_) found.push_back(asked_.at(node.get()));
    asked_.clear();
    return found;
  }

 private:
  /// The gradient of what `node` made.
  struct Arrival {
    Ref<Node> node;
    Tensor gradient;
    const Node* place() const { return node.get(); }
  };
  /// One where the walk ends.
  struct EndArrival : Arrival {
    int awaited;  // how many more uses of it may send something; counted for leaves
  };

  static uint32_t next_number() {
    static std::atomic<uint32_t> counter{1};
    const uint32_t number = counter.fetch_add(1, std::memory_order_relaxed);
    return number != 0 ? number : next_number();
  }

  static bool is_older(const Node* a, const Node* b) { return a->id() < b->id(); }
  static bool is_newer(const Node* a, const Node* b) { return a->id() > b->id(); }

  /// The ops that the outputs came from, newest first, but none older than all that was asked for;
  /// `leaves` gets those that the walk ends at, once for each use. Reads the graph only: parts of
  /// it may belong to other walks.
  std::vector<Node*> reachable_ops(std::vector<Node*>& leaves) const {
    std::vector<Node*> reached, heap;  // the newest of the heap in front
    for (std::vector<Node*>* nodes : {&reached, &heap, &leaves}) nodes->reserve(64);
    const auto push = [&](Node* node) {
      if (node->is_leaf()) return add_leaf(node, leaves);
      if (node->id() < oldest_) return;
      heap.push_back(node);
      std::push_heap(heap.begin(), heap.end(), is_older);
    };
    for (const Ref<Node>& root : roots_) push(root.get());
    while (!heap.empty()) {
      std::pop_heap(heap.begin(), heap.end(), is_older);
      Node* node = heap.back();
      heap.pop_back();
      if (!reached.empty() && reached.back() == node) continue;
      reached.push_back(node);
      for (const Input& input : node->inputs())
        if (input.node) push(input.node.get());
    }
    return reached;
  }

  /// Leaves in `ops` those that lead to what was asked for; what is asked for itself, and leads to
  /// nothing else that is, goes to `ends`.
  void keep_the_way(std::vector<Node*>& ops, std::vector<Node*>& ends) const {
    std::unordered_set<const Node*> way;
    const auto is_on_way = [&](const Input& input) {
      return input.node && (asked_.contains(input.node.get()) || way.contains(input.node.get()));
    };
    for (auto node = ops.rbegin(); node != ops.rend(); ++node)
      if (std::ranges::any_of((*node)->inputs(), is_on_way))
        way.insert(*node);
      else if (asked_.contains(*node))
        ends.push_back(*node);
    std::erase_if(ops, [&](const Node* node) { return !way.contains(node); });
  }

  /// From here on `node` is this walk's alone.
  void take(Node* node) {
    if (uint32_t none = 0;
        !node->walk_.compare_exchange_strong(none, number_, std::memory_order_acquire))
      fail<AutogradError>(
          "backward inside backward, or on two threads at once, over the same "
          "graph (at ",
          node->name(), "): run one of them on a graph of its own, from detach()ed inputs");
    ops_.push_back(node);  // cannot throw: there is room
    if (node->lost() == Node::Lost::freed)
      fail<AutogradError>("backward a second time over ", node->name(),
                          ": what its gradient needs was freed by the first; pass "
                          "retain_graph = true to the first");
    if (node->lost() == Node::Lost::freed_by_failure)
      fail<AutogradError>("backward over ", node->name(),
                          " once more, after one that failed had freed what its gradient needs: "
                          "record the graph again, or pass retain_graph = true to the first");
  }
  bool is_taken(const Node* node) const {
    return node->walk_.load(std::memory_order_relaxed) == number_;
  }

  void add_leaf(Node* leaf, std::vector<Node*>& leaves) const {
    if (!asked_.empty() && !asked_.contains(leaf)) return;
    if (leaf->lost() == Node::Lost::replaced)
      fail<AutogradError>("backward to a leaf ", leaf->dtype(), " ", leaf->shape(),
                          " that was given other data of another shape or dtype since the graph "
                          "was recorded (by Module::to, or swap_data): record the graph again");
    leaves.push_back(leaf);
  }

  /// Makes `ends_` of these. Leaves, and ops that the walk does not pass, may belong to several
  /// walks at once (nested ones, or on other threads), so what arrives at them is held here; else
  /// it is held in the node.
  void hold(std::vector<Node*> ends) {
    std::ranges::sort(ends, is_newer);
    ends_.reserve(ends.size());
    for (Node* node : ends)
      if (!ends_.empty() && ends_.back().place() == node)
        ++ends_.back().awaited;
      else
        ends_.push_back({{Ref<Node>::share(node), Tensor()}, 1});
    deposits_.reserve(ends_.size());
  }

  void send(Node* node, Tensor gradient) {
    const bool is_passed = is_taken(node);
    EndArrival* end = is_passed ? nullptr : end_at(node);
    if (!is_passed && !end) return;
    if (is_observed()) notify([&](Observer& observer) { observer.on_accumulate(*node, gradient); });
    detail::accumulate(end ? end->gradient : node->pending_, std::move(gradient));
    if (end) count(*end);
  }
  /// What has arrived at `node` so far; null where nothing is wanted.
  Tensor* total_at(Node* node) {
    if (is_taken(node)) return &node->pending_;
    EndArrival* end = end_at(node);
    return end ? &end->gradient : nullptr;
  }
  EndArrival* end_at(const Node* node) {
    const auto end = std::ranges::lower_bound(ends_, node, is_newer, &EndArrival::place);
    return end == ends_.end() || end->place() != node ? nullptr : &*end;
  }

  void finish_end(EndArrival& end) {
    if (end.gradient.defined())
      static_cast<void>(finish(end.node.get(), std::exchange(end.gradient, Tensor())));
  }
  /// Notes that something has arrived. A leaf is finished by the last, not at the walk's end.
  void count(EndArrival& end) {
    if (--end.awaited == 0 && end.node->is_leaf()) finish_end(end);
  }

  /// What is done with a finished gradient besides the rows: hooks, `.grad`, what was asked for.
  Tensor finish(Node* node, Tensor gradient) {
    gradient = through_hooks(*node, std::move(gradient));
    if (const auto asked = asked_.find(node); asked != asked_.end())
      asked->second = gradient;
    else if (asked_.empty() && node->grad_owner_.load())
      deposits_.push_back({Ref<Node>::share(node), gradient});
    if (is_observed()) notify([&](Observer& o) { o.on_finish(*node, gradient); });
    return gradient;
  }

  Tensor through_hooks(const Node& node, Tensor gradient) const {
    if (is_taken(&node) && !node.hooks_) return gradient;
    for (const auto& [number, hook] : node.hooks()) {
      const Watched watched(gradient);
      const Tensor other = (*hook)(gradient);
      watched.expect_unchanged(node.name(), "a hook");
      if (!other.defined()) continue;
      check_gradient(node, node.name(), "hook", static_cast<size_t>(number), other);
      gradient = other;
    }
    return gradient;
  }

  /// A gradient that others may hold too.
  struct Watched {
    explicit Watched(const Tensor& gradient)
        : version_of(gradient.impl()->storage->version), before(version_of.load()) {}
    void expect_unchanged(const char* op, const char* who) const {
      if (version_of.load() != before)
        fail<AutogradError>(op, ": ", who,
                            " wrote in place to the gradient that it was given, which others may "
                            "hold too: return a new tensor");
    }

    const std::atomic<uint32_t>& version_of;
    const uint32_t before;
  };

  /// Refuses a missing or misshapen gradient of what `node` made, which `op`'s `source` gave.
  static void check_gradient(const Node& node, const char* op, const char* source, size_t number,
                             const Tensor& gradient) {
    if (!gradient.defined())
      fail<AutogradError>(op, ": ", source, " ", number, " gave no gradient, expected ",
                          node.dtype(), " ", node.shape());
    if (gradient.shape() != node.shape() || gradient.dtype() != node.dtype())
      fail<AutogradError>(op, ": ", source, " ", number, " gave a gradient ", gradient.dtype(), " ",
                          gradient.shape(), ", expected ", node.dtype(), " ", node.shape());
  }

  /// `.grad` += gradient, for all that have arrived: what may fail comes before the first change.
  void deposit_all() {
    if (deposits_.empty()) return;
    static std::recursive_mutex mutex;  // leaves may be shared by graphs on several threads
    const std::lock_guard lock(mutex);
    const std::vector<Tensor> grads = grads_so_far();
    std::vector<std::pair<Tensor, Tensor>> added;  // to a `.grad`, in place
    for (size_t i = 0; i < grads.size(); ++i) {
      const Tensor& grad = grads[i];
      Tensor& gradient = deposits_[i].gradient;
      if (!grad.defined())
        gradient = detail::own(std::move(gradient));
      else if (is_grad_enabled() || grad.requires_grad() || !grad.is_contiguous())
        gradient = grad + gradient;
      else
        added.emplace_back(std::exchange(gradient, grad), grad);
    }
    for (auto& [gradient, grad] : added)  // it may be a `.grad`, and change below
      if (!detail::is_held_once(gradient)) gradient = gradient.clone();
    for (const auto& [gradient, grad] : added) grad.add_(gradient);
    const Node::EndsLock ends_lock;
    for (auto& [node, grad] : deposits_) node->exchange_grad_of_owner(grad);
  }
  /// The `.grad` that each of `deposits_` is added to; undefined where there is none.
  std::vector<Tensor> grads_so_far() const {
    std::vector<Tensor> grads;
    grads.reserve(deposits_.size());
    const Node::EndsLock lock;
    for (const Arrival& deposit : deposits_) grads.push_back(deposit.node->grad_of_owner());
    return grads;
  }

  /// Turns the finished gradient of what `node` made into that of its inputs.
  void pass_on(Node* node) {
    if (!node->pending_.defined()) return;
    const Tensor dout = finish(node, std::exchange(node->pending_, Tensor()));
    if (!add_to_part(*node, dout)) run_rows(*node, dout);
    if (retain_) return;
    release(node);
    if (is_observed()) notify([&](Observer& o) { o.on_release(*node); });
  }

  void run_rows(const Node& node, const Tensor& dout) {
    const std::span<const Input> inputs = node.inputs();
    found_.assign(inputs.size(), Tensor());
    {
      const detail::ObservedNode observed(node);
      const Watched watched(dout);
      node.gradients(dout, found_);
      watched.expect_unchanged(node.name(), "a row");
    }
    for (size_t i = 0; i < inputs.size(); ++i) {
      if (!inputs[i].node) continue;
      check_gradient(*inputs[i].node, node.name(), "the row of input", i, found_[i]);
      if (is_observed())
        notify([&](Observer& o) { o.on_gradient(node, static_cast<int>(i), dout, found_[i]); });
      send(inputs[i].node.get(), std::move(found_[i]));
    }
  }

  /// For a view of a part: adds `dout` to that part of what has arrived at the input, where nobody
  /// sees it; else the row pads it with zeros, all of which are added.
  bool add_to_part(const Node& node, const Tensor& dout) {
    if (is_grad_enabled() || is_observed() || node.inputs().size() != 1) return false;
    Node* input = node.inputs()[0].node.get();
    Tensor* total = total_at(input);
    if (!total || !total->defined() || !detail::is_solely_owned(*total)) return false;
    Tensor part = node.part_of(*total);
    if (!part.defined()) return false;
    check_gradient(node, node.name(), "the part of input", 0, part);
    part.add_(dout);
    if (!is_taken(input)) count(*end_at(input));
    return true;
  }

  static void release(Node* node) {
    node->release();
    node->lose(Node::Lost::freed);
    if (!node->hooks_) return;
    std::unique_ptr<Node::Hooks> done;
    const Node::EndsLock lock;
    std::swap(done, node->hooks_);
  }

  const kernels::FloatState state_{kernels::Denormals::are_kept};  // of the rows' own arithmetic
  GradModeGuard mode_;
  const Op* running_op_ = std::exchange(Op::current_, nullptr);  // errors here are not that op's
  bool retain_;
  bool is_done_ = false;
  uint32_t number_;
  uint64_t oldest_ = 0;
  std::vector<Ref<Node>> roots_;
  std::vector<Node*> ops_;
  size_t passed_ = 0;             // how many of ops_ have had their rows run
  std::vector<EndArrival> ends_;  // the newest first
  std::vector<Arrival> deposits_;
  std::vector<Ref<Node>> order_;  // of the gradients asked for, in the order in which they were
  std::unordered_map<const Node*, Tensor> asked_;
  std::vector<Tensor> found_;  // by the rows of the node at hand
};

}  // namespace rill
