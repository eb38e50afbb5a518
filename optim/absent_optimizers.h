#pragma once

// Optimizers and schedules of PyTorch's that rill goes without: see <rill/core/absent_names.h>.

namespace rill::optim {

// clang-format off
struct ASGD { ASGD(...) = delete; };            // SGD
struct Adadelta { Adadelta(...) = delete; };    // RMSprop
struct Adafactor { Adafactor(...) = delete; };  // AdamW
struct Adagrad { Adagrad(...) = delete; };      // RMSprop
struct Adamax { Adamax(...) = delete; };        // Adam
struct ChainedScheduler { ChainedScheduler(...) = delete; };  // SequentialLR, or LambdaLR
struct ConstantLR { ConstantLR(...) = delete; };  // LambdaLR
struct CosineAnnealingWarmRestarts { CosineAnnealingWarmRestarts(...) = delete; };  // SequentialLR of cosine_schedule, or LambdaLR
struct CyclicLR { CyclicLR(...) = delete; };    // OneCycleLR or LambdaLR
struct LBFGS { LBFGS(...) = delete; };          // AdamW
struct Lion { Lion(...) = delete; };            // AdamW
struct Muon { Muon(...) = delete; };            // AdamW
struct MultiplicativeLR { MultiplicativeLR(...) = delete; };  // LambdaLR
struct NAdam { NAdam(...) = delete; };          // Adam
struct PolynomialLR { PolynomialLR(...) = delete; };  // LambdaLR
struct RAdam { RAdam(...) = delete; };          // Adam, with linear_schedule as warm-up
struct Rprop { Rprop(...) = delete; };          // RMSprop
struct SparseAdam { SparseAdam(...) = delete; };  // Adam
// clang-format on

}  // namespace rill::optim
