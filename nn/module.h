#pragma once

#include <concepts>
#include <cstdint>
#include <iosfwd>
#include <memory>
#include <string>
#include <vector>

#include <rill/core/scope.h>
#include <rill/core/state_dict.h>
#include <rill/core/tensor.h>
#include <rill/nn/setting.h>

namespace rill::nn {

class Module;
struct NamedModule;
template <class Signature>
class AnyLayer;
namespace detail {
class FirstLook;
template <class Visit>
concept VisitsModules = requires(Visit& visit, Module& module) {
  visit(module);
};
}  // namespace detail

struct LoadStateDictOptions {
  bool strict = true;
};
/// Names that found no tensor in a state or a file, and names that found none in the module.
struct UnmatchedNames {
  std::vector<std::string> missing, unexpected;
};
struct BufferOptions {
  bool persistent = true;
};

/// A handle to named parameters, buffers and children, and to a training flag.
///
/// A copy is the same module: it shares all that is registered, so modules live in members and
/// vectors by value. For that reason nothing unregistered in a module may change after its
/// construction, and there is no assignment. Derive from Layer, not from this.
///
/// A model that is independent of this one is made as this one was; it takes over the values by
/// `other.load_state_dict(model.state_dict())`. To keep the values alone, for the best so far or an
/// average, clone them: `const StateDict best = model.state_dict().clone()`.
class Module {
 public:
  Module(const Module&) = default;
  virtual ~Module() = default;
  Module& operator=(const Module&) = delete;

  /// Training mode (dropout drops) for this module and all below.
  void train(bool training = true) const;
  /// Evaluation mode. Says nothing about recording gradients: that is NoGradGuard's.
  void eval() const { train(false); }
  bool is_training() const;
  bool training() const { return is_training(); }

  /// Each parameter once, with the first of its names: this module's own, then its children's.
  [[nodiscard]] StateDict named_parameters() const;
  [[nodiscard]] std::vector<Tensor> parameters() const;
  /// Tensors that belong to the module and are not trained, such as a table of positions.
  [[nodiscard]] StateDict named_buffers() const;
  [[nodiscard]] std::vector<Tensor> buffers() const;
  /// How many numbers `parameters()` hold together.
  int64_t parameter_count() const;
  /// Whether the parameters are trained: all of this module and those below. Optimizers pass over
  /// those that are not.
  void requires_grad_(bool requires_grad = true) const;
  /// Forgets all gradients, or fills those that are there with zeros, so that the next backward
  /// starts afresh.
  void zero_grad(bool set_to_none = true) const;
  /// Converts floating parameters, their gradients, and buffers, in place: handles that layers hold
  /// see it. Hooks stay; a graph recorded before can no longer run backward to what was converted.
  /// Throws DTypeError unless `dtype` is floating.
  void to(DType dtype) const;

  /// Parameters and persistent buffers by all their names (a shared one stands there twice). The
  /// tensors share the module's memory: clone them to keep them as they are now.
  [[nodiscard]] StateDict state_dict() const;
  /// Copies the values in. Throws ValueError, with the module unchanged, listing every name that
  /// is missing, unexpected, given twice, of another shape or of another kind of number, and where
  /// two names of one tensor are given different values. `state` may hold the module's own tensors.
  /// Unless `strict`, what is missing stays as it is, what is unexpected is passed over, and both
  /// are returned.
  UnmatchedNames load_state_dict(const StateDict& state,
                                 const LoadStateDictOptions& options = {}) const;
  /// `strict` alone; a template, so that {} stands for the options.
  template <std::same_as<bool> Strict>
  UnmatchedNames load_state_dict(const StateDict& state, Strict strict) const {
    return load_state_dict(state, LoadStateDictOptions{.strict = strict});
  }
  template <std::convertible_to<std::string_view> Path>
  void load_state_dict(const Path&, auto...) const = delete;  // nn::load(model, path)

  /// The modules directly below, in the order of their registration; handles of the same modules.
  [[nodiscard]] std::vector<Module> children() const;
  [[nodiscard]] std::vector<NamedModule> named_children() const;
  /// This module, named "", and all below with their paths from here, parents first.
  [[nodiscard]] std::vector<NamedModule> named_modules() const;
  [[nodiscard]] std::vector<Module> modules() const;
  /// Calls `visit` with each module below, in their order, and then with this one:
  ///   net.apply([](const nn::Module& m) { if (m.type_name() == "Linear") ... });
  template <detail::VisitsModules Visit>
  void apply(Visit visit) const {
    for (Module& module : modules_children_first()) static_cast<void>(visit(module));
  }
  void apply(...) const = delete;  // [](const nn::Module& m) { ... }

  /// Makes `tensor` trained and saved under `name`; returns it. An undefined tensor (an option left
  /// out) is returned as it is. Throws ValueError for a name that is taken, empty or has a dot, and
  /// for the result of an op, which no optimizer could move.
  Tensor register_parameter(const std::string& name, const Tensor& tensor,
                            bool requires_grad = true);
  /// Makes `tensor` follow `to` and, where persistent, `state_dict`, without training it. Names,
  /// undefined tensors and results of ops as above.
  Tensor register_buffer(const std::string& name, const Tensor& tensor, bool persistent = true);
  Tensor register_buffer(const std::string& name, const Tensor& tensor, BufferOptions options) {
    return register_buffer(name, tensor, options.persistent);
  }
  /// Makes `module` a part of this one; returns it. Throws ValueError where it is a part already
  /// (a copy is the same module) and for names as register_parameter does.
  template <class M>
  M register_module(const std::string& name, const M& module) {
    add_child(name, module);
    return module;
  }

  // clang-format off
  void add_module(...) const = delete;         // register_module(name, module)
  Module bfloat16(...) const = delete;         // rill computes in float32 and float64
  Module clone(...) const = delete;            // one made alike, and copy.load_state_dict(model.state_dict())
  Module compile(...) const = delete;          // this module, as it is
  Module cpu(...) const = delete;              // this module: all tensors are on the CPU
  Module cuda(...) const = delete;             // this module: all tensors are on the CPU
  std::string extra_repr(...) const = delete;  // set_extra_repr(settings), as README says
  Tensor get_buffer(...) const = delete;       // state_dict()["name"]
  Tensor get_parameter(...) const = delete;    // state_dict()["name"]
  Module get_submodule(...) const = delete;    // one of named_modules()
  Module half(...) const = delete;             // rill computes in float32 and float64
  void load(...) const = delete;               // nn::load(model, path)
  Tensor operator()(...) const = delete;       // call a Linear, or an nn::AnyLayer<Tensor(const Tensor&)>
  void reset_parameters(...) const = delete;   // another layer, or nn::init::xavier_uniform_(weight)
  void save(...) const = delete;               // nn::save(model, path)
  std::vector<Tensor> buffers(auto, auto...) const = delete;             // buffers(), of all modules below too
  std::vector<Tensor> parameters(auto, auto...) const = delete;          // parameters(), of all modules below too
  StateDict named_buffers(auto, auto...) const = delete;                 // named_buffers(), of all modules below too
  StateDict named_parameters(auto, auto...) const = delete;              // named_parameters(), of all modules below too
  template <class L>
  const L* as(...) const = delete;  // m.type_name() == "Linear", and m.named_parameters()
  int64_t get_num_params(...) const = delete;  // parameter_count(), or summary(model, inputs)
  int64_t num_parameters(...) const = delete;  // parameter_count(), or summary(model, inputs)
  HookHandle register_backward_hook(...) const = delete;     // register_hook of its output
  HookHandle register_forward_hook(...) const = delete;      // an Observer: <rill/core/observer.h>
  HookHandle register_forward_pre_hook(...) const = delete;  // an Observer: <rill/core/observer.h>
  HookHandle register_full_backward_hook(...) const = delete;  // register_hook of its output
  template <class = void>
  void to(...) const = delete;    // to(float64): all tensors are on the CPU
  Module type(...) const = delete;                             // to(dtype)
  // clang-format on

  /// "blocks.0.attn", counted from the outermost module; "" for that one.
  std::string path() const;
  /// The class that it was made as, without namespace.
  const std::string& type_name() const;
  /// The tree of modules with the shapes of their parameters and their counts, a line each.
  [[nodiscard]] std::string summary() const;

 protected:
  Module() = delete;  // as in struct MyLayer final : nn::Layer<MyLayer>
  explicit Module(std::string type_name);
  /// Makes this handle one of another module: for handles that are chosen at run time.
  void become(const Module& other) { state_ = other.state_; }

  /// What stands in the brackets of this module when it is printed:
  ///   set_extra_repr({{"in_features", in}, {"bias", true}});
  void set_extra_repr(std::initializer_list<Setting> settings);

  /// What a Scope shows while this module's forward runs.
  const Named& scope() const;
  class FirstRun;
  /// Whether it is to be looked at: it has not yet run in training with gradients recorded.
  bool is_first_run() const;

 private:
  friend class EvalGuard;
  friend class detail::FirstLook;
  friend std::ostream& operator<<(std::ostream& out, const Module& module);
  template <class Signature>
  friend class AnyLayer;
  struct State;
  explicit Module(std::shared_ptr<State> state);
  /// The parameter that this very module registered under `name`; undefined where there is none.
  Tensor own_parameter(const std::string& name) const;
  void add_child(const std::string& name, const Module& module);
  std::vector<Module> modules_children_first() const;
  std::shared_ptr<State> state_;
};

/// A module and the name it goes by.
struct NamedModule {
  std::string name;
  Module module;
};

/// Evaluation for the guard's lifetime: then each module of `module` is again in the mode that it
/// was in.
class EvalGuard {
 public:
  [[nodiscard]] explicit EvalGuard(const Module& module);
  ~EvalGuard();
  EvalGuard(const EvalGuard&) = delete;
  EvalGuard& operator=(const EvalGuard&) = delete;

 private:
  std::vector<std::pair<std::shared_ptr<bool>, bool>> modes_;  // of each module, and what it was
};

/// Prints the tree of modules with their settings, in PyTorch's form: "Linear(in_features=2,
/// out_features=3, bias=True)"; `summary` shows shapes and counts.
std::ostream& operator<<(std::ostream& out, const Module& module);

}  // namespace rill::nn
