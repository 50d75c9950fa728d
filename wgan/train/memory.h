// How much memory a run takes, told before it begins.
#pragma once

#include "wgan/train/options.h"
#include "wgan/train/recipe.h"

namespace wgan {

// Bytes that training takes, about, from the shapes alone: without data and the program itself.
double memory_need(const Networks& networks, const TrainOptions& options);

// Throws Error(kMemory) with a batch size that fits where the system has less memory left: a kernel
// that runs out of it kills without a word. Says nothing on systems without /proc/meminfo.
void check_memory(const Networks& networks, const TrainOptions& options);

}  // namespace wgan
