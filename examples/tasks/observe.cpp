#include "observe.h"

#include <rill/core/autograd.h>
#include <rill/core/ops.h>

#include <algorithm>
#include <exception>

using rill::Tensor;

namespace tasks {
namespace {

Tensor copy_of(const Tensor& x, bool flows) {
  if (!x.defined()) return x;
  const Tensor copy = x.detach().clone();
  return flows && copy.is_floating_point() ? copy.requires_grad_() : copy;
}

Argument copy_of(const Argument& argument, bool flows) {
  if (const auto* tensor = std::get_if<Tensor>(&argument)) return copy_of(*tensor, flows);
  if (const auto* list = std::get_if<Tensors>(&argument)) {
    Tensors copies;
    for (const Tensor& each : *list) copies.push_back(copy_of(each, flows));
    return copies;
  }
  return argument;
}

Tensors tensors_of(const Argument& argument) {
  if (const auto* tensor = std::get_if<Tensor>(&argument)) return {*tensor};
  if (const auto* list = std::get_if<Tensors>(&argument)) return *list;
  return {};
}

bool is_unchanged(const Argument& before, const Argument& after) {
  return std::ranges::equal(tensors_of(before), tensors_of(after),
                            [](const Tensor& a, const Tensor& b) { return same(a, b); });
}

/// A gradient to begin with that no sum or mean over it would be mistaken for.
Tensor some_gradient(const Tensor& result) {
  const Tensor steps = rill::arange(static_cast<double>(result.numel())).to(rill::float64);
  return rill::cos(steps * 1.3 + 0.4).view(result.shape()).to(result.dtype());
}

/// The largest |x| that is finite; 0 where there is none.
double largest(const Tensor& x) {
  const Tensor finite = rill::where(rill::isfinite(x), rill::abs(x), 0.0);
  return x.numel() == 0 ? 0 : finite.max().item();
}

Tensor plain(const Tensor& x) { return x.defined() ? x.detach() : x; }

/// The gradients of all results to one argument; undefined where no graph leads there.
Tensor gradient_to(const Tensor& argument, const Tensors& results) {
  Tensors outputs, douts;
  for (const Tensor& each : results) {
    if (!each.defined() || !each.requires_grad()) continue;
    outputs.push_back(each);
    douts.push_back(some_gradient(each));
  }
  if (outputs.empty()) return {};
  return rill::grad(outputs, {argument},
                    {.grad_outputs = douts, .retain_graph = true, .allow_unused = true})[0];
}

void add_results(const Task& task, const Tensors& results, Observation& seen) {
  for (size_t i = 0; i < results.size(); ++i)
    seen.parts.push_back({i < task.results.size() ? task.results[i] : "result", plain(results[i])});
}

void add_written(const Task& task, const Arguments& before, const Arguments& arguments,
                 Observation& seen) {
  for (const size_t i : task.written) {
    const Tensors old = tensors_of(before[i]), now = tensors_of(arguments[i]);
    for (size_t k = 0; k < now.size(); ++k)
      seen.parts.push_back({task.parameters[i] + " afterwards", plain(now[k]), false, old[k]});
  }
}

void add_gradients(const Task& task, const Arguments& arguments, const Tensors& results,
                   Observation& seen) {
  for (size_t i = 0; i < arguments.size(); ++i)
    for (const Tensor& each : tensors_of(arguments[i]))
      if (each.requires_grad())
        seen.parts.push_back(
            {"gradient to " + task.parameters[i], plain(gradient_to(each, results)), true});
}

void call(const Task& task, const Function& function, const Arguments& before,
          const Arguments& arguments, Observation& seen) {
  const Tensors results = function(arguments);
  add_results(task, results, seen);
  add_written(task, before, arguments, seen);
  if (task.flows) add_gradients(task, arguments, results, seen);
}

std::optional<size_t> changed_one(const Task& task, const Arguments& before,
                                  const Arguments& after) {
  for (size_t i = 0; i < before.size(); ++i)
    if (std::ranges::count(task.written, i) == 0 && !is_unchanged(before[i], after[i])) return i;
  return {};
}

}  // namespace

Observation observe(const Task& task, const Function& function, const Case& one) {
  Observation seen;
  Arguments arguments;
  for (const Argument& each : one.arguments) arguments.push_back(copy_of(each, task.flows));
  try {
    call(task, function, one.arguments, arguments, seen);
  } catch (const NotDone&) {
    seen.is_done = false;
  } catch (const std::exception& error) {
    seen.error = error.what();
  }
  seen.changed = changed_one(task, one.arguments, arguments);
  return seen;
}

std::vector<Observation> observe_all(const Task& task, const Function& function) {
  std::vector<Observation> seen;
  for (const Case& one : task.cases) seen.push_back(observe(task, function, one));
  return seen;
}

bool same(const Tensor& a, const Tensor& b) {
  if (!a.defined() || !b.defined()) return a.defined() == b.defined();
  if (a.shape() != b.shape() || a.dtype() != b.dtype()) return false;
  if (!a.is_floating_point()) return rill::equal(a, b);
  return rill::allclose(a, b, 2e-4, 1e-6 + 1e-5 * largest(b), true);
}

bool same(const Observation& a, const Observation& b) {
  if (a.error != b.error || a.is_done != b.is_done || a.changed != b.changed) return false;
  return std::ranges::equal(a.parts, b.parts,
                            [](const Part& p, const Part& q) { return same(p.value, q.value); });
}

}  // namespace tasks
