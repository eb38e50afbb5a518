#pragma once

// Guards of one kind form a list on each thread, the innermost first. They mostly end in the
// opposite order of their beginning, but those on the heap need not.

namespace rill::detail {

/// Takes `guard` out of the list that begins at `innermost` and goes on by the member `outer`.
template <class Guard>
void leave(Guard*& innermost, Guard* guard, Guard* Guard::*outer) {
  Guard** link = &innermost;
  while (*link && *link != guard) link = &((*link)->*outer);
  if (*link) *link = guard->*outer;
}

}  // namespace rill::detail
