// How much memory and time a run takes, told before it begins.
#pragma once

#include <cstdint>

#include "wgan/data/dataset.h"
#include "wgan/run/options.h"
#include "wgan/train/recipe.h"

namespace wgan {

// Bytes that training takes, about, from the shapes alone: without data and the program itself.
double memory_need(const Networks& networks, const TrainOptions& options);

// Throws Error(kMemory) with a batch size that fits where the system has less memory left: a kernel
// that runs out of it kills without a word. Says nothing on systems without /proc/meminfo.
void check_memory(const Networks& networks, const TrainOptions& options);

// What training will need, from the networks' shapes and a few measured iterations on real rows.
struct Estimate {
  int64_t parameters = 0;       // of both networks
  double memory_bytes = 0;      // weights, optimizer, activations; without the program itself
  double seconds_per_step = 0;  // generator step with its critic steps
};
Estimate estimate(const Dataset& dataset, const SessionOptions& options);

}  // namespace wgan
