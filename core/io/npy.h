#pragma once

#include <string>

#include <rill/core/tensor.h>

namespace rill {

/// Reads a file of NumPy's format .npy, versions 1.0 to 3.0 (numpy.lib.format), as `numpy.load`
/// does:
///
/// | in the file | here |
/// |---|---|
/// | float32, float64, int64, bool | the same |
/// | float16 | float32 |
/// | int32, int16, int8, uint32, uint16, uint8 | int64 |
///
/// Elements in Fortran's order come out in their places, and bytes behind them are passed over, as
/// NumPy does with the arrays that follow in one file. Throws Error, naming the file and what was
/// found, for any other type (objects and what is big-endian among them), a header that NumPy would
/// not have written or of more than 10,000 bytes, a file that is cut short, and a bool that is
/// neither 0 nor 1. Nothing in the file is ever run. Where somebody cuts it while it is read, the
/// system ends the program (SIGBUS).
Tensor load_npy(const std::string& path);

/// Writes what `numpy.load` reads as an array of the same type and shape, version 1.0, as
/// replace_file does: as a whole or not at all. Throws Error where that fails.
void save_npy(const std::string& path, const Tensor& tensor);

}  // namespace rill
