// Batches of a data set as tensors: shuffled and mirrored as a function of (seed, number), made
// ahead of time by worker threads.
#pragma once

#include <ATen/core/Tensor.h>

#include <condition_variable>
#include <cstdint>
#include <exception>
#include <map>
#include <mutex>
#include <span>
#include <thread>
#include <vector>

#include "wgan/data/dataset.h"

namespace wgan {

struct Batch {
  at::Tensor rows;    // images: [B,C,H,W] float32, channels-last in memory; vectors: [B,D] float32
  at::Tensor labels;  // [B] int64; undefined where the data set is unlabelled
  at::Tensor conditions;  // [B,K] float32, standardised; undefined where nothing is known of rows
  int64_t number = 0;     // which batch of the run this is
};

struct LoaderOptions {
  int64_t batch = 64;
  uint64_t seed = 0;
  int64_t threads = 1;  // that make batches ahead of time; 0: the caller makes them in next()
  bool mirror = false;  // flip every image left to right with probability one half
  PixelRange range = PixelRange::kSigned;
  int64_t start = 0;  // number of the first batch that next() hands out
};

// Rows of the data set in the order given. Throws what the data set's read_row throws.
Batch gather_rows(const Dataset& dataset, std::span<const int64_t> rows, PixelRange range);

// What is known of these rows, without the rows themselves.
Batch gather_known(const Dataset& dataset, std::span<const int64_t> rows);

// The rows first .. first + count - 1. Throws Error(kUsage) where a finite set has no such rows.
Batch take_rows(const Dataset& dataset, int64_t first, int64_t count, PixelRange range);

class Loader {
 public:
  // The data set must outlive the loader. Throws Error(kData) where it has no rows, Error(kUsage)
  // where the options make no sense.
  Loader(const Dataset& dataset, const LoaderOptions& options);
  ~Loader();  // returns as soon as the batches in work are done
  Loader(const Loader&) = delete;
  Loader& operator=(const Loader&) = delete;

  // Batch `number`, a pure function of (data set, batch size, seed, mirror, range, number); may be
  // called from any thread. Row i stands at position number * B + i. A finite set is walked through
  // in a fresh order every epoch (batches run across the ends of epochs); an endless one from its
  // first row on.
  Batch batch(int64_t number) const;

  // Batches start, start + 1, ... in order; for one consumer. The tensors are the caller's own. An
  // exception met while the batch was made is thrown here, and again by every later call.
  Batch next();

  PixelRange range() const { return options_.range; }
  double waited_seconds() const { return waited_seconds_; }  // spent in next() so far, in all

 private:
  struct Made {
    Batch batch;
    std::exception_ptr error;
  };
  void work();
  Batch next_made();

  const Dataset& dataset_;
  const LoaderOptions options_;
  int64_t next_number_;  // that next() hands out
  double waited_seconds_ = 0;

  std::mutex mutex_;  // guards all below
  std::condition_variable room_, made_;
  std::map<int64_t, Made> ready_;  // by number
  int64_t claimed_;                // first number no worker has begun
  int64_t handed_out_;             // first number next() has not handed out
  bool stopping_ = false;
  std::vector<std::thread> workers_;  // last: they use everything above
};

}  // namespace wgan
