#include <rill/optim/detail/parameter_list.h>

#include <algorithm>

#include <rill/core/error.h>
#include <rill/core/node.h>

namespace rill::optim::detail {
namespace {

/// A tensor's place in the list, and the bytes that it takes.
struct Place {
  size_t number;
  const char *begin, *end;
};

std::vector<Place> places_in_memory(const std::vector<Tensor>& tensors) {
  std::vector<Place> places;
  places.reserve(tensors.size());
  for (size_t i = 0; i < tensors.size(); ++i) {
    if (!tensors[i].defined() || tensors[i].numel() == 0) continue;
    const char* begin = static_cast<const char*>(tensors[i].raw_data());
    places.push_back(
        {i, begin, begin + static_cast<size_t>(tensors[i].numel()) * size_of(tensors[i].dtype())});
  }
  std::ranges::sort(places, {}, &Place::begin);
  return places;
}

}  // namespace

std::string describe(size_t number, const Tensor& parameter) {
  const std::string what = parameter.defined() ? std::string(name_of(parameter.dtype())) + " " +
                                                     to_string(parameter.shape())
                                               : "undefined";
  return "parameter " + std::to_string(number) + " (" + what + ")";
}

void want_parameter(size_t number, const Tensor& parameter) {
  const std::string name = describe(number, parameter);
  if (!parameter.defined())
    fail<ValueError>(name, " cannot be trained: an optimizer takes tensors that hold numbers");
  if (!is_floating(parameter.dtype()))
    fail<ValueError>(name, " cannot be trained: an optimizer takes float32 and float64");
  if (!parameter.is_leaf())
    fail<ValueError>(name, " is the result of the op ", parameter.grad_fn()->name(),
                     ": an optimizer takes leaves; give it what the op computed this from, or ",
                     "detach().requires_grad_()");
  if (!parameter.is_contiguous())
    fail<ValueError>(name, " has strides ", parameter.strides(),
                     ": an optimizer takes row-major parameters, as contiguous() makes them");
}

void want_a_gradient(const std::vector<Tensor>& parameters) {
  if (std::ranges::any_of(parameters, &Tensor::requires_grad)) return;
  if (parameters.empty()) fail<ValueError>("an optimizer needs at least one parameter");
  fail<ValueError>("an optimizer needs a parameter that requires a gradient; of ",
                   parameters.size(), " given none does, the first being ",
                   describe(0, parameters[0]), ": call requires_grad_() on what is to be trained");
}

bool is_moved(const Tensor& parameter) {
  return parameter.requires_grad() && parameter.grad().defined();
}

void refuse_repeated(const std::vector<Tensor>& parameters) {
  std::vector<std::pair<const TensorImpl*, size_t>> seen;
  seen.reserve(parameters.size());
  for (size_t i = 0; i < parameters.size(); ++i) seen.emplace_back(parameters[i].impl(), i);
  std::ranges::sort(seen);
  for (size_t i = 1; i < seen.size(); ++i)
    if (seen[i].first == seen[i - 1].first)
      fail<ValueError>("parameter ", seen[i].second, " of shape ",
                       parameters[seen[i].second].shape(), " is in the list already, as parameter ",
                       seen[i - 1].second,
                       ": name each once, as Module::parameters() does with one that is shared");
}

void refuse_shared_memory(const char* what, const std::vector<Tensor>& tensors) {
  const std::vector<Place> places = places_in_memory(tensors);
  for (size_t i = 1; i < places.size(); ++i)
    if (places[i].begin < places[i - 1].end)
      fail<ValueError>(what, " ", std::min(places[i - 1].number, places[i].number), " and ",
                       std::max(places[i - 1].number, places[i].number),
                       " are two tensors that share memory: give each its own by clone()");
}

}  // namespace rill::optim::detail
