#pragma once

#include <string>

namespace examples {

/// Writes index.html into the folder "out" that `folder` is or lies in: the lessons and examples in
/// the order to learn in, with links to the pages that are there. Nothing where there is no "out".
void write_index(const std::string& folder);

}  // namespace examples
