#pragma once

#include <rill/core/inspect/page.h>

#include <string>

#include "walk.h"

namespace walk_through {

/// The part of the page to play with: sliders for d, base, position, offset and length, and
/// pictures that follow them. `words` are embedded in any number of dimensions up to 128, those of
/// `sentence` first.
rill::inspect::Section playground(const Encoded& sentence);

// Its files, put into the program by CMake.
std::string playground_style();
std::string playground_body();
std::string playground_script();

}  // namespace walk_through
