# Writes <rill/rill.h>, which includes every public header: all of the folders below but those that
# only rill's own sources include.
rill_glob(headers core/*.h core/inspect/*.h nn/*.h optim/*.h)
list(REMOVE_ITEM headers
     core/backward.h core/inspect/page_parts.h core/inspect/utf8.h core/inspect/vega.h
     core/overlap.h core/spin_lock.h core/system_memory.h core/tensor_impl.h core/undo_draws.h core/warn.h
     nn/attention_mask.h nn/borrowed_in_double.h nn/module_state.h nn/normalized_shape.h
     nn/position_range.h nn/relative_positions.h optim/parameter_list.h)
list(TRANSFORM headers REPLACE "(.+)" "#include <rill/\\1>")
list(JOIN headers "\n" headers)
file(CONFIGURE OUTPUT "${rill_include_dir}/rill/rill.h" @ONLY CONTENT
     "#pragma once\n\n// All of rill: tensors, ops and gradients, layers, optimizers.\n\n@headers@\n")
