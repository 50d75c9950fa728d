// Images are transformed tile by tile, in blocks whose matrices the caches hold; products of one
// pair of points are summed over the channels, and over the phases, by one matrix product.
#include "wgan/nn/winograd.h"

#include <ATen/Dispatch.h>
#include <ATen/Parallel.h>
#include <torch/types.h>

#include <algorithm>
#include <atomic>
#include <vector>

#include "wgan/nn/winograd_transform.h"

namespace wgan {
namespace {

using namespace winograd;

// A pair of points, of y and x, has a matrix of inputs, [tiles, channels of all phases that have
// the pair], one of weights, [S, the same], and one of outputs, [tiles, S].
struct Geometry {
  int64_t batch, small_channels, small_height, small_width, large_channels, height, width;
  int64_t kernel, stride, padding;

  int64_t tiles_wide() const { return (small_width + kTile - 1) / kTile; }
  int64_t tiles() const { return (small_height + kTile - 1) / kTile * tiles_wide(); }  // an image

  int64_t taps(int64_t phase) const { return (kernel - phase + stride - 1) / stride; }
  int64_t points(int64_t phase) const { return kTile + taps(phase) - 1; }
  int64_t points() const { return points(0); }
  int64_t pairs() const { return points() * points(); }

  // The i-th point of a phase: infinity, the last of all, is the last of each.
  int64_t point(int64_t phase, int64_t i) const { return i + 1 < points(phase) ? i : points() - 1; }
  // How many phases, from the first on, have a point.
  int64_t phases_at(int64_t point) const {
    if (point + 1 == points()) return stride;
    int64_t count = 1;
    while (count < stride && point + 1 < points(count)) ++count;
    return count;
  }
  int64_t columns(int64_t pair) const {  // of inputs and weights
    return phases_at(pair / points()) * phases_at(pair % points()) * large_channels;
  }
  int64_t numbers_of_a_tile() const {
    int64_t sum = pairs() * small_channels;
    for (int64_t pair = 0; pair < pairs(); ++pair) sum += columns(pair);
    return sum;
  }
};

// The matrices of all pairs, of so many rows.
class Matrices {
 public:
  static Matrices of_inputs(const Geometry& g, int64_t rows, const at::TensorOptions& options) {
    return {g, rows, options, [&](int64_t pair) { return g.columns(pair); }};
  }
  static Matrices of_outputs(const Geometry& g, int64_t rows, const at::TensorOptions& options) {
    return {g, rows, options, [&](int64_t) { return g.small_channels; }};
  }

  at::Tensor rows(int64_t pair, int64_t count) const { return (*this)[pair].narrow(0, 0, count); }
  const at::Tensor& operator[](int64_t pair) const { return pairs_[static_cast<size_t>(pair)]; }

  // Of a phase in a row of inputs or weights.
  template <class Number>
  Places<Number> phase(const Geometry& g, int64_t row, int64_t phase_y, int64_t phase_x) const {
    Places<Number> places{};
    size_t next = 0;
    for (int64_t i = 0; i < g.points(phase_y); ++i) {
      for (int64_t j = 0; j < g.points(phase_x); ++j) {
        const int64_t y = g.point(phase_y, i), x = g.point(phase_x, j);
        const int64_t pair = y * g.points() + x;
        const int64_t column = (phase_y * g.phases_at(x) + phase_x) * g.large_channels;
        places[next++] = numbers<Number>(pair) + row * g.columns(pair) + column;
      }
    }
    return places;
  }
  // Of a row of outputs.
  template <class Number>
  Places<Number> row(const Geometry& g, int64_t row) const {
    Places<Number> places{};
    for (int64_t pair = 0; pair < g.pairs(); ++pair) {
      places[static_cast<size_t>(pair)] = numbers<Number>(pair) + row * g.small_channels;
    }
    return places;
  }

 private:
  Matrices(const Geometry& g, int64_t rows, const at::TensorOptions& options, const auto& columns) {
    for (int64_t pair = 0; pair < g.pairs(); ++pair) {
      pairs_.push_back(at::empty({rows, columns(pair)}, options));
      addresses_.push_back(pairs_.back().data_ptr());
    }
  }

  template <class Number>
  Number* numbers(int64_t pair) const {
    return static_cast<Number*>(addresses_[static_cast<size_t>(pair)]);
  }

  std::vector<at::Tensor> pairs_;
  std::vector<void*> addresses_;  // of their numbers: asked for once, not at every tile
};

template <class Number>
struct Image {
  Number* numbers;  // [height, width, channels]
  int64_t height, width, channels;
  Number* outside;  // [channels]: read as zeros, or written for nobody, beyond the edges

  // Of rows x columns pixels, `step` apart.
  Places<Number> pixels(int64_t top, int64_t left, int64_t step, int64_t rows,
                        int64_t columns) const {
    Places<Number> places{};
    size_t next = 0;
    for (int64_t i = 0; i < rows; ++i) {
      for (int64_t j = 0; j < columns; ++j) {
        const int64_t y = top + i * step, x = left + j * step;
        const bool inside = y >= 0 && y < height && x >= 0 && x < width;
        places[next++] = inside ? numbers + (y * width + x) * channels : outside;
      }
    }
    return places;
  }
};

enum class Way { kToMatrices, kFromMatrices };

// act.operator()<taps of y, taps of x>(y, x) for each phase.
template <class Act>
void for_each_phase(const Geometry& g, const Act& act) {
  for (int64_t y = 0; y < g.stride; ++y) {
    for (int64_t x = 0; x < g.stride; ++x) {
      with_taps(g.taps(y), [&]<size_t kY>() {
        with_taps(g.taps(x), [&]<size_t kX>() { act.template operator()<kY, kX>(y, x); });
      });
    }
  }
}

// Of an image on the large side, to rows first_row.. of the inputs; from there, the transposed is
// added to the image.
template <Way kWay, class Number>
void transform_inputs(const Geometry& g, const Image<Number>& image, const Matrices& inputs,
                      int64_t first_row) {
  for (int64_t tile = 0; tile < g.tiles(); ++tile) {
    const int64_t top = tile / g.tiles_wide() * kTile * g.stride - g.padding;
    const int64_t left = tile % g.tiles_wide() * kTile * g.stride - g.padding;
    for_each_phase(g, [&]<size_t kY, size_t kX>(int64_t y, int64_t x) {
      const Places<Number> pixels =
          image.pixels(top + y, left + x, g.stride, g.points(y), g.points(x));
      const Places<Number> points = inputs.phase<Number>(g, first_row + tile, y, x);
      if constexpr (kWay == Way::kToMatrices) {
        transform<Axis<kY>::kB, Axis<kX>::kB>(pixels, points, image.channels);
      } else {
        transform<kBTransposed<kY>, kBTransposed<kX>, true>(points, pixels, image.channels);
      }
    });
  }
}

// Of an image on the small side, from rows first_row.. of the outputs; the other way the
// transposed.
template <Way kWay, class Number>
void transform_outputs(const Geometry& g, const Image<Number>& image, const Matrices& outputs,
                       int64_t first_row) {
  with_taps(g.taps(0), [&]<size_t kTaps>() {
    for (int64_t tile = 0; tile < g.tiles(); ++tile) {
      const Places<Number> pixels = image.pixels(tile / g.tiles_wide() * kTile,
                                                 tile % g.tiles_wide() * kTile, 1, kTile, kTile);
      const Places<Number> points = outputs.row<Number>(g, first_row + tile);
      if constexpr (kWay == Way::kFromMatrices) {
        transform<Axis<kTaps>::kA, Axis<kTaps>::kA>(points, pixels, image.channels);
      } else {
        transform<kATransposed<kTaps>, kATransposed<kTaps>>(pixels, points, image.channels);
      }
    }
  });
}

// Of one filter, an image of kernel x kernel pixels, to a row of the weights; the other way the
// transposed.
template <Way kWay, class Number>
void transform_filter(const Geometry& g, const Image<Number>& filter, const Matrices& weights,
                      int64_t row) {
  for_each_phase(g, [&]<size_t kY, size_t kX>(int64_t y, int64_t x) {
    const Places<Number> taps = filter.pixels(y, x, g.stride, kY, kX);
    const Places<Number> points = weights.phase<Number>(g, row, y, x);
    if constexpr (kWay == Way::kToMatrices) {
      transform<Axis<kY>::kG, Axis<kX>::kG>(taps, points, filter.channels);
    } else {
      transform<kGTransposed<kY>, kGTransposed<kX>>(points, taps, filter.channels);
    }
  });
}

// [B, C, H, W] in channels-last order.
at::Tensor in_order(const at::Tensor& x) { return x.contiguous(at::MemoryFormat::ChannelsLast); }
at::Tensor empty_images(at::IntArrayRef sizes, const at::TensorOptions& options) {
  return at::empty(sizes, options.memory_format(at::MemoryFormat::ChannelsLast));
}

template <class Number>
Image<Number> image_of(const at::Tensor& batch, int64_t i, Number* outside) {
  return {batch.data_ptr<Number>() + i * batch.stride(0), batch.size(2), batch.size(3),
          batch.size(1), outside};
}

Geometry geometry(const at::Tensor& small, const at::Tensor& large, int64_t kernel, int64_t stride,
                  int64_t padding) {
  return {small.size(0), small.size(1), small.size(2), small.size(3), large.size(1),
          large.size(2), large.size(3), kernel,        stride,        padding};
}

// Images whose matrices the caches of one core hold; no fewer blocks of them than threads.
int64_t images_of_a_block(const Geometry& g) {
  constexpr int64_t kNumbers = 3 << 18;
  const int64_t threads = at::get_num_threads();
  return std::clamp<int64_t>(kNumbers / (g.tiles() * g.numbers_of_a_tile()), 1,
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
void for_each_block(const Geometry& g, const at::TensorOptions& options, const Act& act) {
  const int64_t size = images_of_a_block(g);
  take_turns([&](const auto& next) {
    const Matrices inputs = Matrices::of_inputs(g, size * g.tiles(), options);
    const Matrices outputs = Matrices::of_outputs(g, size * g.tiles(), options);
    std::vector<Number> outside(static_cast<size_t>(std::max(g.large_channels, g.small_channels)));
    for (int64_t first; (first = size * next()) < g.batch;) {
      std::fill(outside.begin(), outside.end(), Number{0});
      act(first, std::min(size, g.batch - first), inputs, outputs, outside.data());
    }
  });
}

template <class Number>
Matrices weights_at_points(const Geometry& g, const at::Tensor& weight) {
  const at::Tensor filters = in_order(weight);
  Matrices weights = Matrices::of_inputs(g, g.small_channels, weight.options());
  at::parallel_for(0, g.small_channels, 1, [&](int64_t begin, int64_t end) {
    for (int64_t row = begin; row < end; ++row) {
      transform_filter<Way::kToMatrices>(g, image_of<Number>(filters, row, nullptr), weights, row);
    }
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
  if (!known || large.size(0) < 8) return false;
  // Products of one channel by another must outweigh the transforms of each, and all of them what
  // it takes to begin.
  const int64_t products = large.numel() / (stride * stride) * many * kernel * kernel;
  return many * few >= 24 * (many + few) && products >= int64_t{1} << 27;
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
    const Matrices weights = weights_at_points<scalar_t>(g, weight);
    const auto block = [&](int64_t first, int64_t images, const Matrices& inputs,
                           const Matrices& outputs, scalar_t* zeros) {
      const int64_t rows = images * g.tiles();
      for (int64_t i = 0; i < images; ++i) {
        transform_inputs<Way::kToMatrices>(g, image_of(x, first + i, zeros), inputs, i * g.tiles());
      }
      for (int64_t pair = 0; pair < g.pairs(); ++pair) {
        at::Tensor product = outputs.rows(pair, rows);
        // At the points 1 and 1 what is added goes to all outputs.
        if (bias.defined() && pair == g.points() + 1) {
          at::addmm_out(product, bias, inputs.rows(pair, rows), weights[pair].t());
        } else {
          at::mm_out(product, inputs.rows(pair, rows), weights[pair].t());
        }
      }
      for (int64_t i = 0; i < images; ++i) {
        transform_outputs<Way::kFromMatrices>(g, image_of(y, first + i, zeros), outputs,
                                              i * g.tiles());
      }
    };
    for_each_block<scalar_t>(g, x.options(), block);
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
    const Matrices weights = weights_at_points<scalar_t>(g, weight);
    const auto block = [&](int64_t first, int64_t images, const Matrices& inputs,
                           const Matrices& outputs, scalar_t* outside) {
      const int64_t rows = images * g.tiles();
      for (int64_t i = 0; i < images; ++i) {
        transform_outputs<Way::kToMatrices>(g, image_of(d, first + i, outside), outputs,
                                            i * g.tiles());
      }
      for (int64_t pair = 0; pair < g.pairs(); ++pair) {
        at::Tensor product = inputs.rows(pair, rows);
        at::mm_out(product, outputs.rows(pair, rows), weights[pair]);
      }
      x.narrow(0, first, images).zero_();
      for (int64_t i = 0; i < images; ++i) {
        transform_inputs<Way::kFromMatrices>(g, image_of(x, first + i, outside), inputs,
                                             i * g.tiles());
      }
    };
    for_each_block<scalar_t>(g, d.options(), block);
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
    // A block is taken by all threads together, so that their sums are one.
    const int64_t size = std::min(g.batch, images_of_a_block(g) * at::get_num_threads());
    const Matrices inputs = Matrices::of_inputs(g, size * g.tiles(), d.options());
    const Matrices outputs = Matrices::of_outputs(g, size * g.tiles(), d.options());
    const Matrices sums = Matrices::of_inputs(g, g.small_channels, d.options());
    std::vector<scalar_t> zeros(static_cast<size_t>(std::max(g.large_channels, g.small_channels)));
    for (int64_t first = 0; first < g.batch; first += size) {
      const int64_t images = std::min(size, g.batch - first), rows = images * g.tiles();
      take_turns([&](const auto& next) {
        for (int64_t i; (i = next()) < images;) {
          transform_inputs<Way::kToMatrices>(g, image_of(x, first + i, zeros.data()), inputs,
                                             i * g.tiles());
          transform_outputs<Way::kToMatrices>(g, image_of(d, first + i, zeros.data()), outputs,
                                              i * g.tiles());
        }
      });
      take_turns([&](const auto& next) {
        for (int64_t half; (half = next()) < 2 * g.pairs();) {
          const int64_t pair = half / 2, begin = half % 2 * g.small_channels / 2;
          const int64_t count = half % 2 == 0 ? g.small_channels / 2 : g.small_channels - begin;
          at::Tensor sum = sums[pair].narrow(0, begin, count);
          const at::Tensor columns = outputs.rows(pair, rows).narrow(1, begin, count);
          if (first == 0) {
            at::mm_out(sum, columns.t(), inputs.rows(pair, rows));
          } else {
            sum.addmm_(columns.t(), inputs.rows(pair, rows));
          }
        }
      });
    }
    at::parallel_for(0, g.small_channels, 1, [&](int64_t begin, int64_t end) {
      for (int64_t row = begin; row < end; ++row) {
        transform_filter<Way::kFromMatrices>(g, image_of<scalar_t>(gradient, row, nullptr), sums,
                                             row);
      }
    });
  });
  return gradient;
}

}  // namespace wgan
