#include <rill/core/autograd.h>
#include <rill/core/inplace.h>
#include <rill/core/inspect/profile.h>
#include <rill/core/ops.h>

#include <algorithm>
#include <mutex>
#include <unordered_map>

namespace rill {
namespace detail {

KeptTensor::KeptTensor(const Tensor& tensor, const Tensor& out) : KeptTensor(Constant{tensor}) {
  is_constant_ = false;
  is_output_ = tensor.defined() && tensor.impl() == out.impl();
  if (tensor.defined() && !is_output_) alias_.impl()->node = tensor.impl()->node;
}

KeptTensor::KeptTensor(const Constant& constant) : is_constant_(true) {
  if (!constant.tensor.defined()) return;
  alias_ = constant.tensor.detach();
  version_ = constant.tensor.version();
}

Tensor KeptTensor::restore(const Node& node) const {
  if (!alias_.defined()) return alias_;
  if (alias_.version() != version_)
    fail<AutogradError>(node.name(), ": a tensor of shape ", alias_.shape(),
                        " that its gradient needs was changed in place after it was recorded: it "
                        "was at version ",
                        version_, " and is at ", alias_.version(),
                        "; change a clone() instead, or change it after backward");
  if (!is_output_ || !is_grad_enabled()) return alias_;
  Tensor out = alias_.detach();
  out.impl()->node = Ref<Node>::share(const_cast<Node*>(&node));
  return out;
}

bool KeptTensor::is_unconnected() const {
  return alias_.defined() && !is_constant_ && !is_output_ && !alias_.impl()->node;
}

bool KeptTensor::is_alias_of(const Tensor& tensor) const {
  return tensor.defined() && alias_.impl()->storage == tensor.impl()->storage &&
         alias_.impl()->offset == tensor.impl()->offset && alias_.shape() == tensor.shape();
}

void check_kept(const KeptTensor& kept, std::span<const Tensor* const> inputs) {
  if (!kept.is_unconnected()) return;
  for (const Tensor* input : inputs)
    if (kept.is_alias_of(*input)) return;
  fail<AutogradError>(
      "a row keeps a tensor that is neither an input of a row, nor the output, nor part of the "
      "graph: gradients of gradients would miss it; write constant(t) where that is right");
}

void refuse_stale_view(const Tensor& view) {
  fail<AutogradError>("a view of shape ", view.shape(),
                      " was taken before an in-place op on the tensor that it views, so its "
                      "gradient would be wrong: take the view again after that op");
}

Ref<Node> node_of(const Tensor& input) {
  return wants_gradient(input) ? input.impl()->node : Ref<Node>();
}

void attach(const Tensor& out, Ref<Node> node) {
  if (!is_floating(out.dtype()))
    fail<DTypeError>("only floating outputs can have a gradient, this one is ", out.dtype());
  if (out.impl()->node)
    fail<AutogradError>("the output has a place in the graph already: record a new tensor");
  if (is_observed()) notify([&](Observer& observer) { observer.on_record(*node); });
  out.impl()->node = std::move(node);
}

namespace {

/// Here, since every program that records an op links this file.
[[maybe_unused]] const bool is_profile_heeded = (profile_if_asked(), true);

/// Whether nobody else can see a write to `tensor`.
bool is_solely_owned(const Tensor& tensor) {
  return tensor.impl()->refs.is_sole() && tensor.impl()->storage->refs.is_sole() &&
         tensor.is_contiguous();
}

/// total += gradient, in place where nobody else sees it.
void accumulate(Tensor& total, Tensor gradient) {
  if (!total.defined())
    total = std::move(gradient);
  else if (!is_grad_enabled() && is_solely_owned(total))
    total.add_(gradient);
  else
    total = total + gradient;
}

}  // namespace
}  // namespace detail

/// One walk over the graph: from the outputs, newest op first, each node turns the finished
/// gradient of its output into gradients of its inputs, which are added up where they arrive.
struct Backward {
  /// Leaves may belong to several walks at once (nested ones, or on other threads), so what
  /// arrives at them is held here; what arrives at an op is held in its node.
  struct LeafGradient {
    Ref<Node> leaf;
    Tensor total;
  };

  Backward(bool create_graph, bool retain_graph)
      : mode_(create_graph), retain_(retain_graph || create_graph), number_(next_number()) {}
  Backward(const Backward&) = delete;
  Backward& operator=(const Backward&) = delete;
  ~Backward() {
    Op::current_ = running_op_;
    for (Node* node : ops_) {
      node->wanted_ = false;
      node->pending_ = Tensor();
      node->walk_ = 0;  // from here on another walk may have it
    }
  }

  /// Asks for the gradient at `node`, into `found`. With no such call, leaves' `.grad` is written.
  void ask(Node* node) {
    asked_.emplace(node, Tensor());
    oldest_ = std::min(oldest_ == 0 ? node->id() : oldest_, node->id());
  }
  Tensor found(Node* node) const { return asked_.at(node); }

  void run(const std::vector<Tensor>& outputs, const std::vector<Tensor>& gradients) {
    for (const Tensor& output : outputs) {
      roots_.push_back(output.impl()->node);
      collect(output.impl()->node.get());
    }
    std::sort(ops_.begin(), ops_.end(), [](Node* a, Node* b) { return a->id() > b->id(); });
    mark_wanted();
    for (size_t i = 0; i < outputs.size(); ++i) send(roots_[i].get(), gradients[i]);
    for (Node* node : ops_) pass_on(node);
    std::sort(leaves_.begin(), leaves_.end(), [](const LeafGradient& a, const LeafGradient& b) {
      return a.leaf->id() > b.leaf->id();
    });
    for (LeafGradient& leaf : leaves_)
      if (leaf.total.defined()) finish(leaf.leaf.get(), std::move(leaf.total));
  }

 private:
  static uint32_t next_number() {
    static std::atomic<uint32_t> counter{1};
    const uint32_t number = counter.fetch_add(1, std::memory_order_relaxed);
    return number != 0 ? number : next_number();
  }

  /// Every op reachable from `root` that is not older than all that was asked for.
  void collect(Node* root) {
    std::vector<Node*> stack{root};
    while (!stack.empty()) {
      Node* node = stack.back();
      stack.pop_back();
      if (node->is_leaf()) add_leaf(node);
      if (node->is_leaf() || node->walk_ == number_ || node->id() < oldest_) continue;
      if (uint32_t none = 0; !node->walk_.compare_exchange_strong(none, number_))
        fail<AutogradError>(
            "backward inside backward, or on two threads at once, over the same "
            "graph (at ",
            node->name(), "): run one of them on a graph of its own, from detach()ed inputs");
      ops_.push_back(node);
      if (node->released_)
        fail<AutogradError>("backward a second time over ", node->name(),
                            ": what its gradient needs was freed by the first; pass "
                            "retain_graph = true to the first");
      for (const Input& input : node->inputs())
        if (input.node) stack.push_back(input.node.get());
    }
  }

  void add_leaf(Node* leaf) {
    if (leaf_index_.emplace(leaf, leaves_.size()).second)
      leaves_.push_back({Ref<Node>::share(leaf), Tensor()});
  }

  /// Oldest first: a node is wanted when it was asked for or something behind it is.
  void mark_wanted() {
    for (auto node = ops_.rbegin(); node != ops_.rend(); ++node) {
      (*node)->wanted_ = asked_.empty() || asked_.contains(*node);
      for (const Input& input : (*node)->inputs())
        if (input.node && is_wanted(input.node.get())) (*node)->wanted_ = true;
    }
  }
  bool is_wanted(Node* node) const {
    if (node->is_leaf()) return asked_.empty() || asked_.contains(node);
    return node->walk_ == number_ && node->wanted_;
  }

  void send(Node* node, Tensor gradient) {
    if (!is_wanted(node)) return;
    if (is_observed()) notify([&](Observer& observer) { observer.on_accumulate(*node, gradient); });
    Tensor& total = node->is_leaf() ? leaves_[leaf_index_.at(node)].total : node->pending_;
    detail::accumulate(total, std::move(gradient));
  }

  /// What is done with a finished gradient besides the rows: hooks, `.grad`, what was asked for.
  Tensor finish(Node* node, Tensor gradient) {
    if (node->hooks_) gradient = through_hooks(*node, std::move(gradient));
    if (const auto asked = asked_.find(node); asked != asked_.end())
      asked->second = gradient;
    else if (asked_.empty() && node->grad_owner_.load())
      deposit(*node, gradient);
    return gradient;
  }

  static Tensor through_hooks(const Node& node, Tensor gradient) {
    const auto hooks = *node.hooks_;  // a hook may remove itself
    for (const auto& [number, hook] : hooks)
      if (const Tensor other = hook(gradient); other.defined()) {
        check_gradient(node, node.name(), "hook", static_cast<size_t>(number), other);
        gradient = other;
      }
    return gradient;
  }

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

  /// `.grad` += gradient. The gradient itself becomes `.grad` only where nobody else holds it.
  static void deposit(const Node& node, const Tensor& gradient) {
    static std::mutex mutex;  // leaves may be shared by graphs on several threads
    const std::lock_guard lock(mutex);
    TensorImpl* owner = node.grad_owner_.load();
    if (!owner) return;
    if (!owner->grad.defined())
      owner->grad = detail::is_solely_owned(gradient) ? gradient : gradient.clone();
    else if (is_grad_enabled() || owner->grad.requires_grad())
      owner->grad = owner->grad + gradient;
    else
      owner->grad.add_(gradient);
  }

  /// Tells observers that a node begins its part, and that it has ended or thrown.
  struct Observed {
    explicit Observed(const Node& node) : node(node) {
      if (is_observed()) notify([&](Observer& observer) { observer.on_begin(node); });
    }
    ~Observed() {
      if (is_observed()) notify([&](Observer& observer) { observer.on_end(node); });
    }
    Observed(const Observed&) = delete;
    Observed& operator=(const Observed&) = delete;

    const Node& node;
  };

  /// Runs the rows of `node` on its finished gradient.
  void pass_on(Node* node) {
    if (!node->pending_.defined()) return;
    const Tensor dout = finish(node, std::exchange(node->pending_, Tensor()));
    const std::span<const Input> inputs = node->inputs();
    if (!wants_any(inputs)) return;
    found_.assign(inputs.size(), Tensor());
    {
      const Observed observed(*node);
      node->gradients(dout, found_);
    }
    for (size_t i = 0; i < inputs.size(); ++i) {
      if (!inputs[i].node) continue;
      check_gradient(*inputs[i].node, node->name(), "the row of input", i, found_[i]);
      if (is_observed())
        notify([&](Observer& o) { o.on_gradient(*node, static_cast<int>(i), dout, found_[i]); });
      send(inputs[i].node.get(), std::move(found_[i]));
    }
    if (!retain_) release(node);
  }
  bool wants_any(std::span<const Input> inputs) const {
    return std::any_of(inputs.begin(), inputs.end(), [&](const Input& input) {
      return input.node && is_wanted(input.node.get());
    });
  }

  static void release(Node* node) {
    node->release();
    node->released_ = true;
    node->hooks_.reset();
  }

  GradModeGuard mode_;
  const Op* running_op_ = std::exchange(Op::current_, nullptr);  // errors here are not that op's
  bool retain_;
  uint32_t number_;
  uint64_t oldest_ = 0;
  std::vector<Ref<Node>> roots_;
  std::vector<Node*> ops_;
  std::vector<LeafGradient> leaves_;
  std::unordered_map<Node*, size_t> leaf_index_;
  std::unordered_map<Node*, Tensor> asked_;
  std::vector<Tensor> found_;  // by the rows of the node at hand
};

namespace {

/// The gradient to start from at `output`.
Tensor start_gradient(const Tensor& output, const Tensor& given) {
  if (!output.defined() || !output.requires_grad())
    fail<AutogradError>(
        "no graph leads from the output to a tensor that requires a gradient: "
        "call requires_grad_() on a leaf, and record outside NoGradGuard");
  if (given.defined()) {
    if (given.shape() != output.shape() || given.dtype() != output.dtype())
      fail<ShapeError>("the gradient of an output ", output.dtype(), " ", output.shape(),
                       " must be like it, found ", given.dtype(), " ", given.shape());
    return given;
  }
  if (output.numel() != 1)
    fail<AutogradError>("backward from an output of shape ", output.shape(),
                        " needs its gradient: only an output of one element starts from 1");
  return ones_like(output);
}

}  // namespace

void Tensor::backward(const Tensor& gradient, BackwardOptions options) const {
  const Tensor start = start_gradient(*this, gradient);
  Backward(options.create_graph, options.retain_graph).run({*this}, {start});
}

std::vector<Tensor> grad(const std::vector<Tensor>& outputs, const std::vector<Tensor>& inputs,
                         const GradOptions& options) {
  if (!options.grad_outputs.empty() && options.grad_outputs.size() != outputs.size())
    fail<AutogradError>("grad: ", outputs.size(), " outputs but ", options.grad_outputs.size(),
                        " grad_outputs");
  std::vector<Tensor> starts;
  for (size_t i = 0; i < outputs.size(); ++i)
    starts.push_back(start_gradient(
        outputs[i], options.grad_outputs.empty() ? Tensor() : options.grad_outputs[i]));
  Backward walk(options.create_graph, options.retain_graph);
  for (const Tensor& input : inputs) {
    if (!input.defined() || !input.requires_grad())
      fail<AutogradError>(
          "grad: an input does not require a gradient: call requires_grad_() on it "
          "before the outputs are computed");
    walk.ask(input.grad_fn());
  }
  walk.run(outputs, starts);
  std::vector<Tensor> found;
  for (size_t i = 0; i < inputs.size(); ++i) {
    found.push_back(walk.found(inputs[i].grad_fn()));
    if (!found.back().defined() && !options.allow_unused)
      fail<AutogradError>("grad: the outputs do not depend on input ", i, " of shape ",
                          inputs[i].shape(),
                          ": pass allow_unused = true to get no gradient for it");
  }
  return found;
}

}  // namespace rill
