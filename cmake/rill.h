#pragma once

// All of rill: tensors, ops and gradients, and the layers.

#include <rill/core/autograd.h>
#include <rill/core/error.h>
#include <rill/core/fused.h>
#include <rill/core/gradcheck.h>
#include <rill/core/inplace.h>
#include <rill/core/observer.h>
#include <rill/core/ops.h>
#include <rill/core/random.h>
#include <rill/core/state_dict.h>
#include <rill/core/tensor.h>
#include <rill/core/threads.h>
#include <rill/nn/activation.h>
#include <rill/nn/attention.h>
#include <rill/nn/decoder.h>
#include <rill/nn/dropout.h>
#include <rill/nn/embedding.h>
#include <rill/nn/generate.h>
#include <rill/nn/init.h>
#include <rill/nn/layer.h>
#include <rill/nn/layer_norm.h>
#include <rill/nn/learned_positional_encoding.h>
#include <rill/nn/linear.h>
#include <rill/nn/loss.h>
#include <rill/nn/module.h>
#include <rill/nn/module_list.h>
#include <rill/nn/positional_encoding.h>
#include <rill/nn/rms_norm.h>
#include <rill/nn/segment_embedding.h>
#include <rill/nn/sequential.h>
#include <rill/nn/transformer.h>
