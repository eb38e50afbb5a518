#include <rill/optim/detail/parameter_list.h>

#include <algorithm>

#include <rill/core/error.h>

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
