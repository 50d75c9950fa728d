// Sums a channel and what is made of them: in channels-last order a pixel is a row of channels, and
// a sample lies in one piece.
#include "wgan/nn/layer_norm_rows.h"

#include <ATen/Dispatch.h>
#include <ATen/Parallel.h>
#include <torch/types.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "wgan/nn/forward.h"

namespace wgan {
namespace {

struct NormRows {
  int64_t batch, pixels, channels;

  int64_t numbers() const { return pixels * channels; }  // of a sample
};

NormRows rows_of(const at::Tensor& x) {
  return {x.size(0), x.dim() == 4 ? x.size(2) * x.size(3) : 1, x.size(1)};
}

bool in_rows(const at::Tensor& x) {
  return x.dim() == 4 ? x.is_contiguous(kChannelsLast) : x.is_contiguous();
}

// The same numbers as rows.
at::Tensor as_rows(const at::Tensor& x) {
  return x.dim() == 4 ? x.contiguous(kChannelsLast) : x.contiguous();
}

// Pixels whose sums are taken in the numbers' own type before they go to float64.
constexpr int64_t kPixelsASum = 32;

// sums[i][c] <- the sum over the pixels of what add(pixel, row of sums) adds to part[i][c].
template <size_t kSums, class Number, class Add>
void sum_pixels(const NormRows& rows, std::array<std::vector<double>, kSums>& sums,
                const Add& add) {
  std::array<std::vector<Number>, kSums> part;
  for (auto& sum : sums) sum.assign(static_cast<size_t>(rows.channels), 0);
  for (int64_t first = 0; first < rows.pixels; first += kPixelsASum) {
    for (auto& sum : part) sum.assign(static_cast<size_t>(rows.channels), 0);
    const int64_t end = std::min(rows.pixels, first + kPixelsASum);
    for (int64_t pixel = first; pixel < end; ++pixel) add(pixel * rows.channels, part);
    for (size_t i = 0; i < kSums; ++i) {
      for (size_t c = 0; c < part[i].size(); ++c) sums[i][c] += double{part[i][c]};
    }
  }
}

template <class Number>
void add_row(const Number* __restrict x, int64_t count, Number* __restrict sum) {
  for (int64_t c = 0; c < count; ++c) sum[c] += x[c];
}

template <class Number>
void add_squares(const Number* __restrict x, Number mean, int64_t count, Number* __restrict sum) {
  for (int64_t c = 0; c < count; ++c) sum[c] += (x[c] - mean) * (x[c] - mean);
}

// d and d (x - mean)
template <class Number>
void add_products(const Number* __restrict d, const Number* __restrict x, Number mean,
                  int64_t count, Number* __restrict sum_d, Number* __restrict sum_dx) {
  for (int64_t c = 0; c < count; ++c) {
    sum_d[c] += d[c];
    sum_dx[c] += d[c] * (x[c] - mean);
  }
}

template <class Number>
void add_product(const Number* __restrict d, const Number* __restrict t, int64_t count,
                 Number* __restrict sum) {
  for (int64_t c = 0; c < count; ++c) sum[c] += d[c] * t[c];
}

// y = a d + b (x - mean) + k, where a is a number a channel.
template <class Number>
void combine(const Number* __restrict d, const Number* __restrict a, const Number* __restrict x,
             Number mean, Number b, Number k, int64_t count, Number* __restrict y) {
  for (int64_t c = 0; c < count; ++c) y[c] = a[c] * d[c] + b * (x[c] - mean) + k;
}

// y += b t
template <class Number>
void add_multiple(const Number* __restrict t, Number b, int64_t count, Number* __restrict y) {
  for (int64_t c = 0; c < count; ++c) y[c] += b * t[c];
}

double sum_of(const std::vector<double>& values) {
  double sum = 0;
  for (const double value : values) sum += value;
  return sum;
}

// What a sample has: its mean, and r.
template <class Number>
struct Standard {
  double mean, r;
};

// Sums of d (x - mean), with the mean as rounded to Number, times r; from those of d as well.
template <class Number>
void standardise(const Standard<Number>& s, const std::vector<double>& of_d,
                 std::vector<double>& of_dx) {
  const double off = double{static_cast<Number>(s.mean)} - s.mean;
  for (size_t c = 0; c < of_d.size(); ++c) of_dx[c] = s.r * (of_dx[c] + off * of_d[c]);
}

template <class Number>
double weighted(const std::vector<double>& values, const Number* weights) {
  double sum = 0;
  for (size_t c = 0; c < values.size(); ++c) sum += double{weights[c]} * values[c];
  return sum;
}

// Calls act(sample) for all of them, by several threads.
template <class Act>
void for_each_sample(const NormRows& rows, const Act& act) {
  at::parallel_for(0, rows.batch, 1, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) act(i);
  });
}

template <class Number>
Standard<Number> standard_of(const Number* x, const NormRows& rows, double epsilon) {
  std::array<std::vector<double>, 1> sums;
  const auto count = static_cast<double>(rows.numbers());
  sum_pixels<1, Number>(
      rows, sums, [&](int64_t at, auto& part) { add_row(x + at, rows.channels, part[0].data()); });
  const double mean = sum_of(sums[0]) / count;
  sum_pixels<1, Number>(rows, sums, [&](int64_t at, auto& part) {
    add_squares(x + at, static_cast<Number>(mean), rows.channels, part[0].data());
  });
  return {mean, 1 / std::sqrt(sum_of(sums[0]) / count + epsilon)};
}

// a[c] = factor scale[c]
template <class Number>
std::vector<Number> scaled(double factor, const Number* scale, int64_t channels) {
  std::vector<Number> a(static_cast<size_t>(channels));
  for (size_t c = 0; c < a.size(); ++c) a[c] = static_cast<Number>(factor * double{scale[c]});
  return a;
}

template <class Number>
void sample_norm(const Number* x, const Number* scale, const Number* shift,
                 const Standard<Number>& s, const NormRows& rows, Number* y) {
  const std::vector<Number> a = scaled(s.r, scale, rows.channels);
  const auto mean = static_cast<Number>(s.mean);
  for (int64_t at = 0; at < rows.numbers(); at += rows.channels) {
    for (int64_t c = 0; c < rows.channels; ++c) {
      y[at + c] = a[static_cast<size_t>(c)] * (x[at + c] - mean) + shift[c];
    }
  }
}

// y <- K (scale d) for one sample; its gradients of scale and shift to the other two, [C].
template <class Number>
void sample_adjoint(const Number* d, const Number* x, const Number* scale,
                    const Standard<Number>& s, const NormRows& rows, Number* y,
                    double* scale_gradient, double* shift_gradient) {
  std::array<std::vector<double>, 2> sums;  // of d, and of d (x - mean)
  const auto mean = static_cast<Number>(s.mean);
  sum_pixels<2, Number>(rows, sums, [&](int64_t at, auto& part) {
    add_products(d + at, x + at, mean, rows.channels, part[0].data(), part[1].data());
  });
  standardise(s, sums[0], sums[1]);
  std::copy(sums[1].begin(), sums[1].end(), scale_gradient);
  std::copy(sums[0].begin(), sums[0].end(), shift_gradient);
  const auto count = static_cast<double>(rows.numbers());
  const double p_mean = weighted(sums[0], scale) / count, hp = weighted(sums[1], scale) / count;
  const std::vector<Number> a = scaled(s.r, scale, rows.channels);
  const auto b = static_cast<Number>(-s.r * s.r * hp), k = static_cast<Number>(-s.r * p_mean);
  for (int64_t at = 0; at < rows.numbers(); at += rows.channels) {
    combine(d + at, a.data(), x + at, mean, b, k, rows.channels, y + at);
  }
}

// y <- scale K t, bend <- the gradient of <d, scale K t> with respect to x, and that with respect
// to the scale, [C].
template <class Number>
void sample_tangent(const Number* d, const Number* t, const Number* x, const Number* scale,
                    const Standard<Number>& s, const NormRows& rows, Number* y, Number* bend,
                    double* scale_gradient) {
  std::array<std::vector<double>, 5> sums;  // of d, d (x - mean), t, t (x - mean), d t
  const auto mean = static_cast<Number>(s.mean);
  sum_pixels<5, Number>(rows, sums, [&](int64_t at, auto& part) {
    const int64_t n = rows.channels;
    add_products(d + at, x + at, mean, n, part[0].data(), part[1].data());
    add_products(t + at, x + at, mean, n, part[2].data(), part[3].data());
    add_product(d + at, t + at, n, part[4].data());
  });
  standardise(s, sums[0], sums[1]);
  standardise(s, sums[2], sums[3]);
  const auto count = static_cast<double>(rows.numbers());
  const double p_mean = weighted(sums[0], scale) / count, hp = weighted(sums[1], scale) / count;
  const double t_mean = sum_of(sums[2]) / count, ht = sum_of(sums[3]) / count;
  const double gap = weighted(sums[4], scale) / count - p_mean * t_mean - 3 * hp * ht;
  for (size_t c = 0; c < sums[0].size(); ++c) {
    scale_gradient[c] = s.r * (sums[4][c] - t_mean * sums[0][c] - ht * sums[1][c]);
  }
  // y a channel: r scale t - r^2 ht scale (x - mean) - r t_mean scale
  const std::vector<Number> a = scaled(s.r, scale, rows.channels);
  const std::vector<Number> along_d = scaled(-s.r * s.r * ht, scale, rows.channels);
  const auto down = static_cast<Number>(s.r * ht), level = static_cast<Number>(t_mean);
  const auto along_t = static_cast<Number>(-s.r * s.r * hp);
  const auto along_x = static_cast<Number>(-s.r * s.r * s.r * gap);
  const auto k = static_cast<Number>(s.r * s.r * (ht * p_mean + hp * t_mean));
  for (int64_t at = 0; at < rows.numbers(); at += rows.channels) {
    for (int64_t c = 0; c < rows.channels; ++c) {
      y[at + c] = a[static_cast<size_t>(c)] * (t[at + c] - level - down * (x[at + c] - mean));
    }
    combine(d + at, along_d.data(), x + at, mean, along_x, k, rows.channels, bend + at);
    add_multiple(t + at, along_t, rows.channels, bend + at);
  }
}

// [B, C] float64, for what each sample gives.
at::Tensor by_sample(const NormRows& rows) {
  return at::empty({rows.batch, rows.channels}, at::kDouble);
}

}  // namespace

bool layer_norm_rows_take(const at::Tensor& x) {
  const at::ScalarType type = x.scalar_type();
  return x.is_cpu() && (type == at::kFloat || type == at::kDouble) && in_rows(x);
}

at::Tensor layer_norm_rows(const LayerNorm& layer, const at::Tensor& x, const at::Tensor& scale,
                           const at::Tensor& shift, LayerMoments& moments) {
  const NormRows rows = rows_of(x);
  const at::Tensor y = at::empty_like(x);
  moments = {at::empty({rows.batch}, at::kDouble), at::empty({rows.batch}, at::kDouble)};
  double* const mean = moments[0].data_ptr<double>();
  double* const r = moments[1].data_ptr<double>();
  AT_DISPATCH_FLOATING_TYPES(x.scalar_type(), "layer_norm", [&] {
    const scalar_t* from = x.data_ptr<scalar_t>();
    scalar_t* to = y.data_ptr<scalar_t>();
    for_each_sample(rows, [&](int64_t i) {
      const int64_t first = i * rows.numbers();
      const Standard<scalar_t> s = standard_of(from + first, rows, layer.epsilon);
      sample_norm(from + first, scale.data_ptr<scalar_t>(), shift.data_ptr<scalar_t>(), s, rows,
                  to + first);
      mean[i] = s.mean;
      r[i] = s.r;
    });
  });
  return y;
}

LayerNormAdjoint layer_norm_rows_adjoint(const at::Tensor& d, const at::Tensor& x,
                                         const at::Tensor& scale, const LayerMoments& moments) {
  const NormRows rows = rows_of(x);
  const at::Tensor towards = as_rows(d), y = at::empty_like(x);
  const at::Tensor of_scale = by_sample(rows), of_shift = by_sample(rows);
  AT_DISPATCH_FLOATING_TYPES(x.scalar_type(), "layer_norm_adjoint", [&] {
    for_each_sample(rows, [&](int64_t i) {
      const int64_t first = i * rows.numbers();
      sample_adjoint(
          towards.data_ptr<scalar_t>() + first, x.data_ptr<scalar_t>() + first,
          scale.data_ptr<scalar_t>(),
          Standard<scalar_t>{moments[0].data_ptr<double>()[i], moments[1].data_ptr<double>()[i]},
          rows, y.data_ptr<scalar_t>() + first, of_scale.data_ptr<double>() + i * rows.channels,
          of_shift.data_ptr<double>() + i * rows.channels);
    });
  });
  return {.input = y,
          .scale = of_scale.sum({0}).to(x.scalar_type()),
          .shift = of_shift.sum({0}).to(x.scalar_type())};
}

LayerNormTangent layer_norm_rows_tangent(const at::Tensor& d, const at::Tensor& t,
                                         const at::Tensor& x, const at::Tensor& scale,
                                         const LayerMoments& moments) {
  const NormRows rows = rows_of(x);
  const at::Tensor towards = as_rows(d), way = as_rows(t), y = at::empty_like(x);
  const at::Tensor bend = at::empty_like(x), of_scale = by_sample(rows);
  AT_DISPATCH_FLOATING_TYPES(x.scalar_type(), "layer_norm_tangent", [&] {
    for_each_sample(rows, [&](int64_t i) {
      const int64_t first = i * rows.numbers();
      sample_tangent(
          towards.data_ptr<scalar_t>() + first, way.data_ptr<scalar_t>() + first,
          x.data_ptr<scalar_t>() + first, scale.data_ptr<scalar_t>(),
          Standard<scalar_t>{moments[0].data_ptr<double>()[i], moments[1].data_ptr<double>()[i]},
          rows, y.data_ptr<scalar_t>() + first, bend.data_ptr<scalar_t>() + first,
          of_scale.data_ptr<double>() + i * rows.channels);
    });
  });
  return {.output = y, .curvature = bend, .scale = of_scale.sum({0}).to(x.scalar_type())};
}

}  // namespace wgan
