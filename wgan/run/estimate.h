// How much memory and time a run takes, and what comes of it, told before it begins.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

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
  double free_bytes = 0;        // that the system has; 0: it does not say
  double seconds_per_step = 0;  // generator step with its critic steps
};
Estimate estimate(const Dataset& dataset, const SessionOptions& options);

// What a run comes to.
struct Outlook {
  Estimate need;
  int64_t steps = 0;    // generator steps that it will take; 0: it has no end
  double seconds = -1;  // that they take; below 0: it has no end
  double rows = 0;      // real rows that the critic will see
  double epochs = 0;    // the same in passes over the data
  double enough = 0;  // rows that recipe fast sees of data like these: with fewer, results are poor
  bool timed = false;     // --time ends it, and not --steps
  std::string size = {};  // of the pictures: "64", "96x64"; empty: no pictures
  // At half the size, measured in the same way; empty: not asked, or not to be had.
  std::string half_size = {};
  double half_rows = 0;
};

// What a resumed run has taken before.
struct Taken {
  int64_t steps = 0;
  double seconds = 0;
};

// resizable: whether --size can change the pictures. Throws what train throws.
Outlook outlook(const Dataset& dataset, const SessionOptions& options, bool resizable,
                const Taken& taken = {});

// What to change where the run is too short for what it is to learn; whole sentences.
std::vector<std::string> advice(const Outlook& outlook, const SessionOptions& options);

}  // namespace wgan
