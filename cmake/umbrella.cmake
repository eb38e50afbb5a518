# Writes <rill/rill.h>, which includes every public header: all of these folders, but for the walk of
# backward, which is there to be read. What is for rill's own sources stands in folders named detail.
rill_glob(rill_public_headers core/*.h core/inspect/*.h core/io/*.h core/memory/pool.h
          core/text/*.h nn/*.h nn/positions/*.h optim/*.h)
list(REMOVE_ITEM rill_public_headers core/backward.h)
list(APPEND rill_public_headers signatures.h version.h)
# First, which saves lines wherever compilers say how they came to a member that is absent.
list(PREPEND rill_public_headers core/tensor.h nn/module.h)
list(TRANSFORM rill_public_headers REPLACE "(.+)" "#include <rill/\\1>" OUTPUT_VARIABLE headers)
list(JOIN headers "\n" headers)
file(CONFIGURE OUTPUT "${rill_include_dir}/rill/rill.h" @ONLY CONTENT
"#pragma once

// All of rill: tensors, ops and gradients, layers, optimizers.

#if __cplusplus < 202002L
#error \"rill is written in C++20: compile with -std=c++20\"
#endif

@headers@
")
