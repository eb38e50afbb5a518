# Writes <rill/rill.h>, which includes every public header: all of these folders, but for the walk of
# backward, which is there to be read. What is for rill's own sources stands in folders named detail.
rill_glob(headers core/*.h core/inspect/*.h core/memory/pool.h nn/*.h nn/positions/*.h optim/*.h)
list(REMOVE_ITEM headers core/backward.h)
list(TRANSFORM headers REPLACE "(.+)" "#include <rill/\\1>")
list(JOIN headers "\n" headers)
file(CONFIGURE OUTPUT "${rill_include_dir}/rill/rill.h" @ONLY CONTENT
     "#pragma once\n\n// All of rill: tensors, ops and gradients, layers, optimizers.\n\n@headers@\n")
