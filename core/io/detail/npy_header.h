#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <rill/core/shape.h>

namespace rill::detail {

/// What the header of a .npy file says: the type as NumPy writes it ("<f4"), and the sizes.
struct NpyHeader {
  std::string descr;
  bool fortran_order = false;
  std::vector<int64_t> shape;
};

/// Reads the header's text, a dict of Python with exactly these three keys, in any order, with the
/// spaces and commas that NumPy writes. Throws Error, naming the file and what was found.
NpyHeader parse_npy_header(const std::string& path, std::string_view text);

/// All that stands before the elements of a file, version 1.0, as NumPy writes it: the elements
/// begin at a multiple of 64 bytes.
std::string npy_preamble(std::string_view descr, const Shape& shape);

}  // namespace rill::detail
