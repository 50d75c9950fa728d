// Gathering rows into tensors, and the worker threads that do it ahead of time.
#include "wgan/data/loader.h"

#include <torch/types.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <string>
#include <utility>

#include "wgan/core/counted.h"
#include "wgan/core/error.h"
#include "wgan/core/random.h"
#include "wgan/core/row_kernel.h"

namespace wgan {
namespace {

// Rows are read in the layout of the file, [H, W, C], which is the layout of a channels-last
// tensor.
WGAN_ROW_KERNEL void convert_pixels(const uint8_t* from, int64_t count, PixelRange range,
                                    float* to) {
  const float divisor = range == PixelRange::kSigned ? 127.5F : 255.F;
  const float offset = range == PixelRange::kSigned ? -1.F : 0.F;
  for (int64_t i = 0; i < count; ++i) to[i] = static_cast<float>(from[i]) / divisor + offset;
}

// The same of RGBA, whose colours are multiplied by their alpha: what lies below transparent pixels
// does not reach a network.
WGAN_ROW_KERNEL void convert_rgba(const uint8_t* from, int64_t count, PixelRange range, float* to) {
  const float divisor = range == PixelRange::kSigned ? 127.5F : 255.F;
  const float offset = range == PixelRange::kSigned ? -1.F : 0.F;
  for (int64_t i = 0; i < count; ++i) {
    const float alpha = from[i | 3];
    const float value = (i & 3) == 3 ? alpha : static_cast<float>(from[i]) * alpha / 255.F;
    to[i] = value / divisor + offset;
  }
}

// Swaps the columns of one row image [H, W, C] in place.
void mirror_pixels(uint8_t* pixels, const std::vector<int64_t>& shape) {
  const int64_t height = shape[0], width = shape[1], channels = shape[2];
  for (int64_t y = 0; y < height; ++y) {
    uint8_t* line = pixels + y * width * channels;
    for (int64_t left = 0, right = width - 1; left < right; ++left, --right) {
      std::swap_ranges(line + left * channels, line + (left + 1) * channels,
                       line + right * channels);
    }
  }
}

at::Tensor empty_rows(const Dataset& dataset, int64_t count) {
  if (!dataset.is_image()) return torch::empty({count, dataset.shape.at(0)}, torch::kFloat32);
  return torch::empty({count, dataset.shape[2], dataset.shape[0], dataset.shape[1]},
                      torch::TensorOptions(torch::kFloat32), torch::MemoryFormat::ChannelsLast);
}

// flip: whether row i of the batch is mirrored; called for images only.
template <class Flip>
Batch gather(const Dataset& dataset, std::span<const int64_t> rows, PixelRange range, Flip flip) {
  const at::NoGradGuard no_grad;  // thread-local: every thread that gathers needs its own
  const auto count = static_cast<int64_t>(rows.size());
  const int64_t elements = dataset.row_elements();
  Batch batch;
  batch.rows = empty_rows(dataset, count);
  auto* values = batch.rows.data_ptr<float>();
  std::vector<std::byte> pixels(dataset.type == RowType::kUint8 ? static_cast<size_t>(elements)
                                                                : size_t{0});
  for (int64_t i = 0; i < count; ++i) {
    float* to = values + i * elements;
    const int64_t row = rows[static_cast<size_t>(i)];
    if (dataset.type == RowType::kFloat32) {
      dataset.read_row(row, std::as_writable_bytes(std::span(to, static_cast<size_t>(elements))));
      continue;
    }
    dataset.read_row(row, pixels);
    auto* bytes = reinterpret_cast<uint8_t*>(pixels.data());
    if (flip(i)) mirror_pixels(bytes, dataset.shape);
    const auto convert = dataset.shape[2] == 4 ? convert_rgba : convert_pixels;
    convert(bytes, elements, range, to);
  }
  Batch known = gather_known(dataset, rows);
  batch.labels = std::move(known.labels);
  batch.conditions = std::move(known.conditions);
  return batch;
}

}  // namespace

Batch gather_known(const Dataset& dataset, std::span<const int64_t> rows) {
  const auto count = static_cast<int64_t>(rows.size());
  Batch known;
  if (dataset.labelled()) {
    known.labels = torch::empty({count}, torch::kInt64);
    auto* labels = known.labels.data_ptr<int64_t>();
    for (size_t i = 0; i < rows.size(); ++i) labels[i] = dataset.label(rows[i]);
  }
  if (const int64_t size = dataset.condition_size(); size > 0) {
    known.conditions = torch::empty({count, size}, torch::kFloat32);
    auto* values = known.conditions.data_ptr<float>();
    for (size_t i = 0; i < rows.size(); ++i) {
      dataset.condition(rows[i],
                        {values + static_cast<int64_t>(i) * size, static_cast<size_t>(size)});
    }
  }
  return known;
}

Batch gather_rows(const Dataset& dataset, std::span<const int64_t> rows, PixelRange range) {
  return gather(dataset, rows, range, [](int64_t) { return false; });
}

Batch take_rows(const Dataset& dataset, int64_t first, int64_t count, PixelRange range) {
  if (first < 0 || count < 0 ||
      (!dataset.endless && (first > dataset.size || count > dataset.size - first))) {
    throw Error(ErrorKind::kUsage,
                dataset.name + " has " + counted(dataset.size, "row") + ", but " +
                    std::to_string(count) + " from row " + std::to_string(first) +
                    " on are asked for",
                "ask for fewer");
  }
  std::vector<int64_t> rows(static_cast<size_t>(count));
  for (int64_t i = 0; i < count; ++i) rows[static_cast<size_t>(i)] = first + i;
  return gather_rows(dataset, rows, range);
}

Loader::Loader(const Dataset& dataset, const LoaderOptions& options)
    : dataset_(dataset),
      options_(options),
      next_number_(options.start),
      claimed_(options.start),
      handed_out_(options.start) {
  if (dataset.size < 1) {
    throw Error(ErrorKind::kData, dataset.name + " has no rows", "give a data set with some");
  }
  if (options.batch < 1 || options.threads < 0 || options.start < 0) {
    throw Error(ErrorKind::kUsage,
                "batch size " + std::to_string(options.batch) + ", " +
                    std::to_string(options.threads) + " loader threads, first batch " +
                    std::to_string(options.start) + ": wanted at least 1, 0 and 0");
  }
  for (int64_t i = 0; i < options.threads; ++i) workers_.emplace_back([this] { work(); });
}

Loader::~Loader() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  room_.notify_all();
  for (std::thread& worker : workers_) worker.join();
}

Batch Loader::batch(int64_t number) const {
  const auto size = static_cast<uint64_t>(dataset_.size);
  std::vector<int64_t> rows(static_cast<size_t>(options_.batch));
  for (int64_t i = 0; i < options_.batch; ++i) {
    const int64_t position = number * options_.batch + i;
    const auto place = static_cast<uint64_t>(position);
    rows[static_cast<size_t>(i)] =
        dataset_.endless ? position
                         : static_cast<int64_t>(permuted_index(options_.seed, Stream::kShuffle,
                                                               place / size, place % size, size));
  }
  Batch batch = gather(dataset_, rows, options_.range, [&](int64_t i) {
    return options_.mirror && Draws({options_.seed, Stream::kMirror, static_cast<uint64_t>(number),
                                     static_cast<uint64_t>(i)})
                                      .below(2) == 1;
  });
  batch.number = number;
  return batch;
}

Batch Loader::next() {
  const auto begin = std::chrono::steady_clock::now();
  Batch batch = workers_.empty() ? this->batch(next_number_) : next_made();
  ++next_number_;
  waited_seconds_ +=
      std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  return batch;
}

Batch Loader::next_made() {
  std::unique_lock lock(mutex_);
  made_.wait(lock, [this] { return ready_.contains(handed_out_); });
  const auto found = ready_.find(handed_out_);
  if (found->second.error) std::rethrow_exception(found->second.error);
  Batch batch = std::move(found->second.batch);
  ready_.erase(found);
  ++handed_out_;
  lock.unlock();
  room_.notify_one();
  return batch;
}

// Workers claim numbers in order, and none beyond threads + 1 batches ahead of the consumer, so at
// most that many are in work or ready at a time.
void Loader::work() {
  std::unique_lock lock(mutex_);
  for (;;) {
    room_.wait(lock, [this] { return stopping_ || claimed_ <= handed_out_ + options_.threads; });
    if (stopping_) return;
    const int64_t number = claimed_++;
    lock.unlock();
    Made made;
    try {
      made.batch = batch(number);
    } catch (...) {
      made.error = std::current_exception();
    }
    lock.lock();
    ready_.emplace(number, std::move(made));
    made_.notify_one();
  }
}

}  // namespace wgan
