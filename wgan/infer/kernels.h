// Runs plans. No allocation, no exceptions, no library.
#pragma once

#include "wgan/infer/plan.h"

namespace wgan::infer {

// Runs part `part` of `parts` of one operation for so many samples. Parts may run at the same time;
// all of them must end before the next operation begins. workspace: [samples x plan.workspace].
using RunOperation = void (*)(const Plan& plan, int32_t operation, int32_t samples,
                              float* workspace, int32_t part, int32_t parts);

// Compiled for several processors from one source.
void run_operation_plain(const Plan& plan, int32_t operation, int32_t samples, float* workspace,
                         int32_t part, int32_t parts);
#if defined(__x86_64__)
void run_operation_avx2(const Plan& plan, int32_t operation, int32_t samples, float* workspace,
                        int32_t part, int32_t parts);
void run_operation_avx512(const Plan& plan, int32_t operation, int32_t samples, float* workspace,
                          int32_t part, int32_t parts);
#endif

}  // namespace wgan::infer
