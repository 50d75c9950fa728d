// The images of a convolution in tiles, and the matrices of Winograd's products, a row a tile.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <vector>

#include "wgan/nn/winograd_transform.h"

namespace wgan::winograd {

// A pair of points, of y and x, has a matrix of inputs, [tiles, channels of all phases that have
// the pair], one of weights, [S, the same] or its transpose, and one of outputs, [tiles, S].
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

// Rows of some pairs' matrices: of each, where the first is and how far it is to the next.
template <class Number>
struct Rows {
  Places<Number> first{};
  std::array<int64_t, kMostPlaces> step{};

  Places<Number> operator[](int64_t row) const {
    Places<Number> places;
    for (size_t i = 0; i < kMostPlaces; ++i) places[i] = first[i] + row * step[i];
    return places;
  }
};

// The matrices of all pairs.
template <class Number>
class Matrices {
 public:
  static Matrices of_inputs(const Geometry& g, int64_t rows);
  static Matrices of_outputs(const Geometry& g, int64_t rows);
  static Matrices of_weights(const Geometry& g);  // [S, channels of all phases]: rows of inputs
  static Matrices of_weights_transposed(const Geometry& g);

  at::Tensor rows(int64_t pair, int64_t count) const { return (*this)[pair].narrow(0, 0, count); }
  const at::Tensor& operator[](int64_t pair) const { return pairs_[static_cast<size_t>(pair)]; }

  // Of each phase of y and x. A row is a tile's or a filter's.
  const std::vector<Rows<Number>>& phases() const { return phases_; }
  // Of all pairs.
  const Rows<Number>& whole() const { return whole_; }

 private:
  void add_pair(int64_t rows, int64_t columns);
  void add_phases(const Geometry& g, bool transposed);

  std::vector<at::Tensor> pairs_;
  std::vector<Rows<Number>> phases_;
  Rows<Number> whole_;
};

template <class Number>
struct Image {
  Number* numbers;  // [height, width, channels]
  int64_t height, width, channels;
  int64_t pixel;    // how far it is from one pixel to the next
  Number* outside;  // [channels]: read as zeros, or written for nobody, beyond the edges
};

// Each for float and double, of numbers in channels-last order.

// Of an image on the large side to rows first_row.. of the inputs; the other way the transposed,
// added to the image.
void take_inputs(const Geometry& g, const Image<float>& image, const Matrices<float>& inputs,
                 int64_t first_row);
void take_inputs(const Geometry& g, const Image<double>& image, const Matrices<double>& inputs,
                 int64_t first_row);
void add_inputs(const Geometry& g, const Matrices<float>& inputs, int64_t first_row,
                const Image<float>& image);
void add_inputs(const Geometry& g, const Matrices<double>& inputs, int64_t first_row,
                const Image<double>& image);

// Of rows first_row.. of the outputs to an image on the small side; the other way the transposed.
void give_outputs(const Geometry& g, const Matrices<float>& outputs, int64_t first_row,
                  const Image<float>& image);
void give_outputs(const Geometry& g, const Matrices<double>& outputs, int64_t first_row,
                  const Image<double>& image);
void take_outputs(const Geometry& g, const Image<float>& image, const Matrices<float>& outputs,
                  int64_t first_row);
void take_outputs(const Geometry& g, const Image<double>& image, const Matrices<double>& outputs,
                  int64_t first_row);

// Of one filter, an image of kernel x kernel pixels, to a row of the weights; the other way the
// transposed.
void take_filter(const Geometry& g, const Image<float>& filter, const Matrices<float>& weights,
                 int64_t row);
void take_filter(const Geometry& g, const Image<double>& filter, const Matrices<double>& weights,
                 int64_t row);
void give_filter(const Geometry& g, const Matrices<float>& weights, int64_t row,
                 const Image<float>& filter);
void give_filter(const Geometry& g, const Matrices<double>& weights, int64_t row,
                 const Image<double>& filter);

}  // namespace wgan::winograd
