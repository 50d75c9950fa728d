// Walks over tiles and phases; the loops over channels are compiled for each kind of processor.
#include "wgan/nn/winograd_tiles.h"

#include <torch/types.h>

#include "wgan/core/row_kernel.h"

namespace wgan::winograd {
namespace {

// Where the channels of a phase begin among those of all phases that have a pair of points.
int64_t column_of(const Geometry& g, int64_t phase_y, int64_t phase_x, int64_t pair) {
  return (phase_y * g.phases_at(pair % g.points()) + phase_x) * g.large_channels;
}

// Addresses of the channels of kRows x kColumns pixels, `step` apart.
template <size_t kRows, size_t kColumns, class Number>
inline Places<Number> pixels(const Image<Number>& image, int64_t top, int64_t left, int64_t step) {
  constexpr auto kDown = static_cast<int64_t>(kRows), kAcross = static_cast<int64_t>(kColumns);
  const bool within = top >= 0 && top + (kDown - 1) * step < image.height && left >= 0 &&
                      left + (kAcross - 1) * step < image.width;
  const int64_t line = image.width * image.pixel;
  Number* const corner = image.numbers + top * line + left * image.pixel;
  Places<Number> places{};
  unrolled<kRows>([&]<size_t i>() {
    unrolled<kColumns>([&]<size_t j>() {
      const int64_t down = static_cast<int64_t>(i) * step, across = static_cast<int64_t>(j) * step;
      const bool inside = within || (top + down >= 0 && top + down < image.height &&
                                     left + across >= 0 && left + across < image.width);
      places[i * kColumns + j] =
          inside ? corner + down * line + across * image.pixel : image.outside;
    });
  });
  return places;
}

// act.operator()<taps of y, taps of x>(y, x, rows) for each phase.
template <class Number, class Act>
inline void for_each_phase(const Geometry& g, const Matrices<Number>& matrices, const Act& act) {
  for (int64_t y = 0; y < g.stride; ++y) {
    for (int64_t x = 0; x < g.stride; ++x) {
      const Rows<Number>& rows = matrices.phases()[static_cast<size_t>(y * g.stride + x)];
      with_taps(g.taps(y), [&]<size_t kY>() {
        with_taps(g.taps(x), [&]<size_t kX>() { act.template operator()<kY, kX>(y, x, rows); });
      });
    }
  }
}

// Calls act(tile, y, x) with its place among the tiles of an image.
template <class Act>
inline void for_each_tile(const Geometry& g, const Act& act) {
  const int64_t wide = g.tiles_wide(), high = g.tiles() / wide;
  for (int64_t y = 0; y < high; ++y) {
    for (int64_t x = 0; x < wide; ++x) act(y * wide + x, y, x);
  }
}

enum class Way { kToMatrices, kFromMatrices };

template <Way kWay, class Number>
inline void transform_inputs(const Geometry& g, const Image<Number>& image,
                             const Matrices<Number>& inputs, int64_t first_row) {
  const int64_t apart = kTile * g.stride;
  for_each_phase(g, inputs, [&]<size_t kY, size_t kX>(int64_t y, int64_t x, const auto& rows) {
    for_each_tile(g, [&](int64_t tile, int64_t down, int64_t across) {
      const Places<Number> from_image = pixels<kY + 1, kX + 1>(
          image, down * apart - g.padding + y, across * apart - g.padding + x, g.stride);
      const Places<Number> points = rows[first_row + tile];
      if constexpr (kWay == Way::kToMatrices) {
        transform<Axis<kY>::kB, Axis<kX>::kB>(from_image, points, image.channels);
      } else {
        transform<kBTransposed<kY>, kBTransposed<kX>, true>(points, from_image, image.channels);
      }
    });
  });
}

template <Way kWay, class Number>
inline void transform_outputs(const Geometry& g, const Image<Number>& image,
                              const Matrices<Number>& outputs, int64_t first_row) {
  with_taps(g.taps(0), [&]<size_t kTaps>() {
    for_each_tile(g, [&](int64_t tile, int64_t down, int64_t across) {
      const Places<Number> tiles = pixels<kTile, kTile>(image, down * kTile, across * kTile, 1);
      const Places<Number> points = outputs.whole()[first_row + tile];
      if constexpr (kWay == Way::kFromMatrices) {
        transform<Axis<kTaps>::kA, Axis<kTaps>::kA>(points, tiles, image.channels);
      } else {
        transform<kATransposed<kTaps>, kATransposed<kTaps>>(tiles, points, image.channels);
      }
    });
  });
}

template <Way kWay, class Number>
inline void transform_filter(const Geometry& g, const Image<Number>& filter,
                             const Matrices<Number>& weights, int64_t row) {
  for_each_phase(g, weights, [&]<size_t kY, size_t kX>(int64_t y, int64_t x, const auto& rows) {
    const Places<Number> taps = pixels<kY, kX>(filter, y, x, g.stride);
    const Places<Number> points = rows[row];
    if constexpr (kWay == Way::kToMatrices) {
      transform<Axis<kY>::kG, Axis<kX>::kG>(taps, points, filter.channels);
    } else {
      transform<kGTransposed<kY>, kGTransposed<kX>>(points, taps, filter.channels);
    }
  });
}

}  // namespace

template <class Number>
void Matrices<Number>::add_pair(int64_t rows, int64_t columns) {
  // Rows that are a power of two apart would share the few places of a cache that belong to it.
  constexpr int64_t kGap = 16;
  pairs_.push_back(at::empty({rows, columns + kGap}, c10::CppTypeToScalarType<Number>::value)
                       .narrow(1, 0, columns));
}

template <class Number>
void Matrices<Number>::add_phases(const Geometry& g, bool transposed) {
  for (int64_t y = 0; y < g.stride; ++y) {
    for (int64_t x = 0; x < g.stride; ++x) {
      Rows<Number> rows;
      size_t next = 0;
      for (int64_t i = 0; i < g.points(y); ++i) {
        for (int64_t j = 0; j < g.points(x); ++j, ++next) {
          const int64_t pair = g.point(y, i) * g.points() + g.point(x, j);
          const at::Tensor& matrix = (*this)[pair];
          rows.step[next] = matrix.stride(0);
          rows.first[next] = matrix.template data_ptr<Number>() +
                             column_of(g, y, x, pair) * (transposed ? matrix.stride(0) : 1);
        }
      }
      phases_.push_back(rows);
    }
  }
}

template <class Number>
Matrices<Number> Matrices<Number>::of_inputs(const Geometry& g, int64_t rows) {
  Matrices m;
  for (int64_t pair = 0; pair < g.pairs(); ++pair) m.add_pair(rows, g.columns(pair));
  m.add_phases(g, /*transposed=*/false);
  return m;
}

template <class Number>
Matrices<Number> Matrices<Number>::of_outputs(const Geometry& g, int64_t rows) {
  Matrices m;
  for (int64_t pair = 0; pair < g.pairs(); ++pair) {
    const auto i = static_cast<size_t>(pair);
    m.add_pair(rows, g.small_channels);
    m.whole_.first[i] = m[pair].template data_ptr<Number>();
    m.whole_.step[i] = m[pair].stride(0);
  }
  return m;
}

template <class Number>
Matrices<Number> Matrices<Number>::of_weights(const Geometry& g) {
  return of_inputs(g, g.small_channels);
}

template <class Number>
Matrices<Number> Matrices<Number>::of_weights_transposed(const Geometry& g) {
  Matrices m;
  for (int64_t pair = 0; pair < g.pairs(); ++pair) m.add_pair(g.columns(pair), g.small_channels);
  m.add_phases(g, /*transposed=*/true);
  return m;
}

template class Matrices<float>;
template class Matrices<double>;

WGAN_ROW_KERNEL void take_inputs(const Geometry& g, const Image<float>& image,
                                 const Matrices<float>& inputs, int64_t first_row) {
  transform_inputs<Way::kToMatrices>(g, image, inputs, first_row);
}
void take_inputs(const Geometry& g, const Image<double>& image, const Matrices<double>& inputs,
                 int64_t first_row) {
  transform_inputs<Way::kToMatrices>(g, image, inputs, first_row);
}

WGAN_ROW_KERNEL void add_inputs(const Geometry& g, const Matrices<float>& inputs, int64_t first_row,
                                const Image<float>& image) {
  transform_inputs<Way::kFromMatrices>(g, image, inputs, first_row);
}
void add_inputs(const Geometry& g, const Matrices<double>& inputs, int64_t first_row,
                const Image<double>& image) {
  transform_inputs<Way::kFromMatrices>(g, image, inputs, first_row);
}

WGAN_ROW_KERNEL void give_outputs(const Geometry& g, const Matrices<float>& outputs,
                                  int64_t first_row, const Image<float>& image) {
  transform_outputs<Way::kFromMatrices>(g, image, outputs, first_row);
}
void give_outputs(const Geometry& g, const Matrices<double>& outputs, int64_t first_row,
                  const Image<double>& image) {
  transform_outputs<Way::kFromMatrices>(g, image, outputs, first_row);
}

WGAN_ROW_KERNEL void take_outputs(const Geometry& g, const Image<float>& image,
                                  const Matrices<float>& outputs, int64_t first_row) {
  transform_outputs<Way::kToMatrices>(g, image, outputs, first_row);
}
void take_outputs(const Geometry& g, const Image<double>& image, const Matrices<double>& outputs,
                  int64_t first_row) {
  transform_outputs<Way::kToMatrices>(g, image, outputs, first_row);
}

WGAN_ROW_KERNEL void take_filter(const Geometry& g, const Image<float>& filter,
                                 const Matrices<float>& weights, int64_t row) {
  transform_filter<Way::kToMatrices>(g, filter, weights, row);
}
void take_filter(const Geometry& g, const Image<double>& filter, const Matrices<double>& weights,
                 int64_t row) {
  transform_filter<Way::kToMatrices>(g, filter, weights, row);
}

WGAN_ROW_KERNEL void give_filter(const Geometry& g, const Matrices<float>& weights, int64_t row,
                                 const Image<float>& filter) {
  transform_filter<Way::kFromMatrices>(g, filter, weights, row);
}
void give_filter(const Geometry& g, const Matrices<double>& weights, int64_t row,
                 const Image<double>& filter) {
  transform_filter<Way::kFromMatrices>(g, filter, weights, row);
}

}  // namespace wgan::winograd
