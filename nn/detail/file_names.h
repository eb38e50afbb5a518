#pragma once

#include <rill/nn/save.h>

namespace rill::nn::detail {

/// The tensors of a file under the module's names, transposed and joined, as the options say.
/// Tensors that do not fit together as a Join has it, or of which two would be one part, keep their
/// own names. Throws ValueError as load does for the options.
StateDict in_names_of_module(const StateDict& file, const LoadOptions& options);

}  // namespace rill::nn::detail
