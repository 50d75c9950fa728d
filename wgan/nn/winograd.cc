// Images are transformed tile by tile, in blocks whose matrices the caches hold; products of one
// pair of points are summed over the channels, and over the phases, by one matrix product.
#include "wgan/nn/winograd.h"

#include <ATen/Dispatch.h>
#include <ATen/Parallel.h>
#include <torch/types.h>

#include <algorithm>
#include <atomic>
#include <vector>

#include "wgan/nn/multiply.h"
#include "wgan/nn/winograd_tiles.h"

namespace wgan {
namespace {

using namespace winograd;

// [B, C, H, W] in channels-last order.
at::Tensor in_order(const at::Tensor& x) { return x.contiguous(at::MemoryFormat::ChannelsLast); }
at::Tensor empty_images(at::IntArrayRef sizes, const at::TensorOptions& options) {
  return at::empty(sizes, options.memory_format(at::MemoryFormat::ChannelsLast));
}

template <class Number>
Image<Number> image_of(const at::Tensor& batch, int64_t i, Number* outside) {
  const int64_t channels = batch.size(1);
  return {.numbers = batch.data_ptr<Number>() + i * batch.stride(0),
          .height = batch.size(2),
          .width = batch.size(3),
          .channels = channels,
          .pixel = channels,
          .outside = outside};
}

Geometry geometry(const at::Tensor& small, const at::Tensor& large, int64_t kernel, int64_t stride,
                  int64_t padding) {
  return {small.size(0), small.size(1), small.size(2), small.size(3), large.size(1),
          large.size(2), large.size(3), kernel,        stride,        padding};
}

constexpr int64_t kNumbers = 1 << 20;  // of matrices that the caches of one core hold

// No fewer blocks of images than threads.
int64_t images_of_a_block(const Geometry& g, int64_t numbers) {
  const int64_t threads = at::get_num_threads();
  return std::clamp<int64_t>(numbers / (g.tiles() * g.numbers_of_a_tile()), 1,
                             (g.batch + threads - 1) / threads);
}

// In each thread, act(next), where next() counts from 0 on, through all threads: who is late, on a
// machine with other work, takes less.
template <class Act>
void take_turns(const Act& act) {
  std::atomic<int64_t> count = 0;
  at::parallel_for(0, at::get_num_threads(), 1,
                   [&](int64_t, int64_t) { act([&] { return count++; }); });
}

// Calls act(first image, images, inputs, outputs, outside) for blocks of images, the matrices and
// the zeros a thread's own.
template <class Number, class Act>
void for_each_block(const Geometry& g, const Act& act) {
  const int64_t size = images_of_a_block(g, kNumbers);
  take_turns([&](const auto& next) {
    const auto inputs = Matrices<Number>::of_inputs(g, size * g.tiles());
    const auto outputs = Matrices<Number>::of_outputs(g, size * g.tiles());
    std::vector<Number> outside(static_cast<size_t>(std::max(g.large_channels, g.small_channels)));
    for (int64_t first; (first = size * next()) < g.batch;) {
      std::fill(outside.begin(), outside.end(), Number{0});
      act(first, std::min(size, g.batch - first), inputs, outputs, outside.data());
    }
  });
}

// Calls act(row) for each, shared by the threads.
void for_each_row(int64_t rows, const auto& act) {
  at::parallel_for(0, rows, 1, [&](int64_t begin, int64_t end) {
    for (int64_t row = begin; row < end; ++row) act(row);
  });
}

template <class Number>
Matrices<Number> weights_at_points(const Geometry& g, const at::Tensor& weight) {
  const at::Tensor filters = in_order(weight);
  auto weights = Matrices<Number>::of_weights(g);
  for_each_row(g.small_channels, [&](int64_t row) {
    take_filter(g, image_of<Number>(filters, row, nullptr), weights, row);
  });
  return weights;
}

// Transposed, so that what they are multiplied by is read as it lies.
template <class Number>
Matrices<Number> weights_at_points_transposed(const Geometry& g, const at::Tensor& weight) {
  const int64_t taps = g.kernel * g.kernel;
  const at::Tensor columns = in_order(weight)
                                 .permute({0, 2, 3, 1})
                                 .view({g.small_channels, taps * g.large_channels})
                                 .t()
                                 .contiguous();
  auto weights = Matrices<Number>::of_weights_transposed(g);
  for_each_row(g.large_channels, [&](int64_t row) {
    const Image<Number> filter{.numbers = columns.data_ptr<Number>() + row * g.small_channels,
                               .height = g.kernel,
                               .width = g.kernel,
                               .channels = g.small_channels,
                               .pixel = g.large_channels * g.small_channels,
                               .outside = nullptr};
    take_filter(g, filter, weights, row);
  });
  return weights;
}

}  // namespace

bool winograd_pays(const at::Tensor& large, const at::Tensor& weight, int64_t stride) {
  const int64_t many = weight.size(0), few = weight.size(1), kernel = weight.size(2);
  const at::ScalarType type = large.scalar_type();
  const bool known = large.is_cpu() && (type == at::kFloat || type == at::kDouble) &&
                     many % kChannels == 0 && few % kChannels == 0 && kernel > stride &&
                     kernel <= kMostTaps * stride;
  if (!known || large.size(0) < 4) return false;
  // Products of one channel by another must outweigh the transforms of each, and all of them what
  // it takes to begin.
  const int64_t products = large.numel() / (stride * stride) * many * kernel * kernel;
  return many * few >= 20 * (many + few) && products >= int64_t{1} << 26;
}

at::Tensor winograd_conv(const at::Tensor& large, const at::Tensor& weight, const at::Tensor& bias,
                         int64_t stride, int64_t padding) {
  const int64_t kernel = weight.size(2);
  const auto extent = [&](int64_t n) { return (n + 2 * padding - kernel) / stride + 1; };
  const at::Tensor x = in_order(large);
  const at::Tensor y = empty_images(
      {x.size(0), weight.size(0), extent(x.size(2)), extent(x.size(3))}, large.options());
  const Geometry g = geometry(y, x, kernel, stride, padding);
  AT_DISPATCH_FLOATING_TYPES(x.scalar_type(), "winograd_conv", [&] {
    const auto weights = weights_at_points_transposed<scalar_t>(g, weight);
    const auto block = [&](int64_t first, int64_t images, const Matrices<scalar_t>& inputs,
                           const Matrices<scalar_t>& outputs, scalar_t* zeros) {
      const int64_t rows = images * g.tiles();
      for (int64_t i = 0; i < images; ++i) {
        take_inputs(g, image_of(x, first + i, zeros), inputs, i * g.tiles());
      }
      for (int64_t pair = 0; pair < g.pairs(); ++pair) {
        // At the points 1 and 1 what is added goes to all outputs.
        multiply(inputs.rows(pair, rows), weights[pair],
                 pair == g.points() + 1 ? bias : at::Tensor(), outputs.rows(pair, rows));
      }
      for (int64_t i = 0; i < images; ++i) {
        give_outputs(g, outputs, i * g.tiles(), image_of(y, first + i, zeros));
      }
    };
    for_each_block<scalar_t>(g, block);
  });
  return y;
}

at::Tensor winograd_conv_transposed(const at::Tensor& small, const at::Tensor& weight,
                                    int64_t height, int64_t width, int64_t stride,
                                    int64_t padding) {
  const at::Tensor d = in_order(small);
  const at::Tensor x = empty_images({d.size(0), weight.size(1), height, width}, d.options());
  const Geometry g = geometry(d, x, weight.size(2), stride, padding);
  AT_DISPATCH_FLOATING_TYPES(d.scalar_type(), "winograd_conv_transposed", [&] {
    const auto weights = weights_at_points<scalar_t>(g, weight);
    const auto block = [&](int64_t first, int64_t images, const Matrices<scalar_t>& inputs,
                           const Matrices<scalar_t>& outputs, scalar_t* outside) {
      const int64_t rows = images * g.tiles();
      for (int64_t i = 0; i < images; ++i) {
        take_outputs(g, image_of(d, first + i, outside), outputs, i * g.tiles());
      }
      for (int64_t pair = 0; pair < g.pairs(); ++pair) {
        multiply(outputs.rows(pair, rows), weights[pair], 0, inputs.rows(pair, rows));
      }
      x.narrow(0, first, images).zero_();
      for (int64_t i = 0; i < images; ++i) {
        add_inputs(g, inputs, i * g.tiles(), image_of(x, first + i, outside));
      }
    };
    for_each_block<scalar_t>(g, block);
  });
  return x;
}

at::Tensor winograd_conv_weight(const at::Tensor& small, const at::Tensor& large, int64_t kernel,
                                int64_t stride, int64_t padding) {
  const at::Tensor d = in_order(small), x = in_order(large);
  const Geometry g = geometry(d, x, kernel, stride, padding);
  at::Tensor gradient =
      empty_images({g.small_channels, g.large_channels, kernel, kernel}, d.options());
  AT_DISPATCH_FLOATING_TYPES(d.scalar_type(), "winograd_conv_weight", [&] {
    // A block is taken by all threads together, so that their sums are one. It is no smaller than
    // these, which go through the caches at every block.
    const int64_t sums_size =
        g.small_channels * (g.numbers_of_a_tile() - g.pairs() * g.small_channels);
    const int64_t size = std::min(
        g.batch, images_of_a_block(g, std::max(kNumbers, sums_size)) * at::get_num_threads());
    const auto inputs = Matrices<scalar_t>::of_inputs(g, size * g.tiles());
    const auto outputs = Matrices<scalar_t>::of_outputs(g, size * g.tiles());
    const auto sums = Matrices<scalar_t>::of_weights(g);
    std::vector<scalar_t> zeros(static_cast<size_t>(std::max(g.large_channels, g.small_channels)));
    for (int64_t first = 0; first < g.batch; first += size) {
      const int64_t images = std::min(size, g.batch - first), rows = images * g.tiles();
      take_turns([&](const auto& next) {
        for (int64_t i; (i = next()) < images;) {
          take_inputs(g, image_of(x, first + i, zeros.data()), inputs, i * g.tiles());
          take_outputs(g, image_of(d, first + i, zeros.data()), outputs, i * g.tiles());
        }
      });
      take_turns([&](const auto& next) {
        for (int64_t half; (half = next()) < 2 * g.pairs();) {
          const int64_t pair = half / 2, begin = half % 2 * g.small_channels / 2;
          const int64_t count = half % 2 == 0 ? g.small_channels / 2 : g.small_channels - begin;
          const at::Tensor columns = outputs.rows(pair, rows).narrow(1, begin, count);
          multiply(columns.t(), inputs.rows(pair, rows), first == 0 ? 0 : 1,
                   sums[pair].narrow(0, begin, count));
        }
      });
    }
    for_each_row(g.small_channels, [&](int64_t row) {
      give_filter(g, sums, row, image_of<scalar_t>(gradient, row, nullptr));
    });
  });
  return gradient;
}

}  // namespace wgan
