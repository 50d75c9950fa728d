// The operations of a plan. This file is compiled for each kind of processor, with
// WGAN_INFER_VARIANT naming what it is compiled for, and as WebAssembly.
#include "wgan/infer/kernels.h"

#ifndef WGAN_INFER_VARIANT
#define WGAN_INFER_VARIANT run_operation_plain
#endif

namespace wgan::infer {
namespace {

// How many numbers an instruction takes, and as many rows of a product at once as their sums, the
// weights and one number of each row fit into the registers with.
#if defined(__AVX512F__)
constexpr int32_t kLanes = 16, kMostRows = 14, kBlocksAtOnce = 2;
#elif defined(__AVX2__)
constexpr int32_t kLanes = 8, kMostRows = 6, kBlocksAtOnce = 1;
#elif defined(__aarch64__)
constexpr int32_t kLanes = 4, kMostRows = 6, kBlocksAtOnce = 1;
#else
constexpr int32_t kLanes = 4, kMostRows = 3, kBlocksAtOnce = 1;
#endif
constexpr int32_t kVectors = kBlock / kLanes;  // of a block

using Vector [[gnu::vector_size(4 * kLanes)]] = float;
using Integers [[gnu::vector_size(4 * kLanes)]] = int32_t;

inline Vector load(const float* from) {
  Vector v;
  __builtin_memcpy(&v, from, sizeof v);
  return v;
}
inline void store(float* to, Vector v) { __builtin_memcpy(to, &v, sizeof v); }
inline Vector all(float number) { return Vector{} + number; }

inline int32_t least(int32_t a, int32_t b) { return a < b ? a : b; }
inline int32_t most(int32_t a, int32_t b) { return a > b ? a : b; }

inline void copy(const float* from, int32_t count, float* to) {
  int32_t i = 0;
  for (; i + kLanes <= count; i += kLanes) store(to + i, load(from + i));
  for (; i < count; ++i) to[i] = from[i];
}
inline void clear(int32_t count, float* to) {
  int32_t i = 0;
  for (; i + kLanes <= count; i += kLanes) store(to + i, Vector{});
  for (; i < count; ++i) to[i] = 0;
}

// A range of things that are shared out.
struct Range {
  int64_t begin, end;
};
inline Range share(int64_t count, int32_t part, int32_t parts) {
  return {count * part / parts, count * (part + 1) / parts};
}

// --- Curves, to within two units in the last place (after the Cephes library). ---

inline Integers bits_of(Vector v) {
  Integers i;
  __builtin_memcpy(&i, &v, sizeof v);
  return i;
}
inline Vector of_bits(Integers i) {
  Vector v;
  __builtin_memcpy(&v, &i, sizeof v);
  return v;
}

inline Vector leaky(Vector x, float slope) { return x > 0 ? x : x * slope; }

// e^x for x in [-87, 0].
inline Vector exponential(Vector x) {
  x = x < -87.0F ? all(-87.0F) : x;
  const Vector shifted = x * 1.44269504F - 0.5F;  // truncation, towards 0, is to the nearest
  const Integers n = __builtin_convertvector(shifted, Integers);
  const Vector whole = __builtin_convertvector(n, Vector);
  x = x - whole * 0.693359375F + whole * 2.12194440e-4F;
  Vector y = all(1.9875691500e-4F);
  y = y * x + 1.3981999507e-3F;
  y = y * x + 8.3334519073e-3F;
  y = y * x + 4.1665795894e-2F;
  y = y * x + 1.6666665459e-1F;
  y = y * x + 5.0000001201e-1F;
  y = y * x * x + x + 1.0F;
  return y * of_bits((n + 127) << 23);
}

inline Vector hyperbolic_tangent(Vector x) {
  const Vector size = x < 0 ? -x : x;
  const Vector z = x * x;
  Vector y = all(-5.70498872745e-3F);
  y = y * z + 2.06390887954e-2F;
  y = y * z - 5.37397155531e-2F;
  y = y * z + 1.33314422036e-1F;
  y = y * z - 3.33332819422e-1F;
  const Vector near = y * z * x + x;
  const Vector e = exponential(-2 * size);
  const Vector far = (1 - e) / (1 + e);
  return size < 0.625F ? near : x < 0 ? -far : far;
}

inline Vector sigmoid(Vector x) {
  const Vector e = exponential(x < 0 ? x : -x);
  return (x < 0 ? e : all(1)) / (1 + e);
}

// ln x for x in [1, 2].
inline Vector logarithm(Vector x) {
  const Integers large = x > 1.41421356F;
  const Vector half = x * 0.5F;
  x = (large ? half : x) - 1.0F;
  const Vector z = x * x;
  Vector y = all(7.0376836292e-2F);
  y = y * x - 1.1514610310e-1F;
  y = y * x + 1.1676998740e-1F;
  y = y * x - 1.2420140846e-1F;
  y = y * x + 1.4249322787e-1F;
  y = y * x - 1.6668057665e-1F;
  y = y * x + 2.0000714765e-1F;
  y = y * x - 2.4999993993e-1F;
  y = y * x + 3.3333331174e-1F;
  y = y * x * z - 0.5F * z;
  return x + y + (large ? all(0.693147181F) : Vector{});
}

// softplus(2x + 2) / 2 - 1
inline Vector scaled_softplus(Vector x) {
  const Vector u = 2 * x + 2;
  const Vector tail = logarithm(1 + exponential(u < 0 ? u : -u));
  return ((u > 0 ? u : Vector{}) + tail) * 0.5F - 1;
}

inline Vector curved(Curve curve, float slope, Vector x) {
  switch (curve) {
    case Curve::kLeaky:
      return leaky(x, slope);
    case Curve::kTanh:
      return hyperbolic_tangent(x);
    case Curve::kSigmoid:
      return sigmoid(x);
    case Curve::kScaledSoftplus:
      return scaled_softplus(x);
    case Curve::kNone:
      break;
  }
  return x;
}

// --- Products. ---

constexpr int32_t kDepth = 512;                // numbers of a row that are multiplied at once
constexpr int32_t kRowStep = kDepth + kBlock;  // apart, so that rows do not meet in the cache
constexpr int32_t kColumns = 16 * kBlock;      // whose sums are kept at once

// sums[row][column] += sum over k of rows[row][k] weights[k][column], of kBlocks blocks.
template <int32_t kRows, int32_t kBlocks>
[[gnu::noinline]] void multiply(const float* rows, int32_t depth, const float* weights,
                                int64_t block_step, float* sums) {
  constexpr int32_t kWide = kBlocks * kVectors;
  Vector sum[kRows][kWide];
  const auto each = [](const auto& act) {
#pragma GCC unroll 16
    for (int32_t r = 0; r < kRows; ++r) {
#pragma GCC unroll 4
      for (int32_t v = 0; v < kWide; ++v) act(r, v);
    }
  };
  each([&](int32_t r, int32_t v) { sum[r][v] = load(sums + r * kColumns + v * kLanes); });
  for (int32_t k = 0; k < depth; ++k, weights += kBlock) {
    Vector w[kWide];
#pragma GCC unroll 4
    for (int32_t v = 0; v < kWide; ++v) {
      w[v] = load(weights + v / kVectors * block_step + v % kVectors * kLanes);
    }
    each([&](int32_t r, int32_t v) { sum[r][v] += w[v] * rows[r * kRowStep + k]; });
  }
  each([&](int32_t r, int32_t v) { store(sums + r * kColumns + v * kLanes, sum[r][v]); });
}

template <int32_t kBlocks, int32_t kRows = kMostRows>
inline void multiply_rows(int32_t count, const float* rows, int32_t depth, const float* weights,
                          int64_t block_step, float* sums) {
  if (count == kRows) return multiply<kRows, kBlocks>(rows, depth, weights, block_step, sums);
  if constexpr (kRows > 1) {
    multiply_rows<kBlocks, kRows - 1>(count, rows, depth, weights, block_step, sums);
  }
}

using Four [[gnu::vector_size(16)]] = float;

inline Four load_four(const float* from) {
  Four v;
  __builtin_memcpy(&v, from, sizeof v);
  return v;
}

// Adds the sums of the numbers of each of four vectors.
inline void add_sums(const Vector* v, float* sums) {
  static_assert(kFew == 4);
  Four s[4];
  for (int32_t i = 0; i < 4; ++i) {
    float numbers[kLanes];
    store(numbers, v[i]);
    s[i] = load_four(numbers);
    for (int32_t l = 4; l < kLanes; l += 4) s[i] += load_four(numbers + l);
  }
  const Four low = __builtin_shufflevector(s[0], s[1], 0, 4, 2, 6) +
                   __builtin_shufflevector(s[0], s[1], 1, 5, 3, 7);
  const Four high = __builtin_shufflevector(s[2], s[3], 0, 4, 2, 6) +
                    __builtin_shufflevector(s[2], s[3], 1, 5, 3, 7);
  const Four all_four = __builtin_shufflevector(low, high, 0, 1, 4, 5) +
                        __builtin_shufflevector(low, high, 2, 3, 6, 7);
  const Four now = load_four(sums) + all_four;
  __builtin_memcpy(sums, &now, sizeof now);
}

// The same for few columns, each of which lies in memory as a row does: column_step apart.
template <int32_t kRows>
[[gnu::noinline]] void multiply_few(const float* rows, int32_t depth, const float* weights,
                                    int64_t column_step, float* sums) {
  Vector sum[kRows][kFew] = {};
  for (int32_t k = 0; k < depth; k += kLanes) {
    Vector w[kFew];
    for (int32_t c = 0; c < kFew; ++c) w[c] = load(weights + c * column_step + k);
    for (int32_t r = 0; r < kRows; ++r) {
      const Vector x = load(rows + r * kRowStep + k);
      for (int32_t c = 0; c < kFew; ++c) sum[r][c] += x * w[c];
    }
  }
  for (int32_t r = 0; r < kRows; ++r) add_sums(sum[r], sums + r * kColumns);
}

inline void multiply_few_rows(int32_t count, const float* rows, int32_t depth, const float* weights,
                              int64_t column_step, float* sums) {
  constexpr int32_t kAtOnce = kLanes == 16 ? 4 : 2;
  int32_t r = 0;
  for (; r + kAtOnce <= count; r += kAtOnce) {
    multiply_few<kAtOnce>(rows + r * kRowStep, depth, weights, column_step, sums + r * kColumns);
  }
  for (; r < count; ++r) {
    multiply_few<1>(rows + r * kRowStep, depth, weights, column_step, sums + r * kColumns);
  }
}

// One product, of the samples that lie in the workspace.
struct Product {
  const Operation& o;
  const Part& part;
  const Run* runs;
  const float* weights;
  const float* bias;
  const float* from;
  const float* second;  // null: none
  float* to;

  int32_t channels() const { return o.in.channels / o.groups; }
  int32_t columns() const { return o.out.channels / o.groups; }
  int32_t blocks() const { return (columns() + kBlock - 1) / kBlock; }
};

// Where a row of a product comes from and goes to.
struct Pixel {
  int64_t from;  // the first number of its sample's picture
  int32_t y, x;
  int64_t to;
};

// Those of rows first_row .. first_row + rows - 1.
void find_pixels(const Product& p, int64_t first_row, int32_t rows, Pixel* pixels) {
  const Extent& in = p.o.in;
  const Extent& out = p.o.out;
  const Part& part = p.part;
  int64_t sample = first_row / (int64_t{part.height} * part.width);
  const auto place = static_cast<int32_t>(first_row % (int64_t{part.height} * part.width));
  int32_t i = place / part.width, j = place % part.width;
  for (int32_t r = 0; r < rows; ++r) {
    const int32_t y = part.out_y + i * part.out_step, x = part.out_x + j * part.out_step;
    pixels[r] = {sample * in.height * in.width * in.channels, i * part.in_step, j * part.in_step,
                 ((sample * out.height + y) * out.width + x) * out.channels};
    if (++j < part.width) continue;
    j = 0;
    if (++i < part.height) continue;
    i = 0;
    ++sample;
  }
}

// The numbers under one run of taps, zeros outside of the picture.
inline void gather_run(const Product& p, const Pixel& pixel, const Run& run, int32_t first_channel,
                       int32_t channels, float* row) {
  const Extent& in = p.o.in;
  const int32_t y = pixel.y + run.dy, x = pixel.x + run.dx;
  if (y < 0 || y >= in.height) return clear(run.taps * channels, row);
  const float* const from =
      p.from + pixel.from + int64_t{y} * in.width * in.channels + first_channel;
  if (x >= 0 && x + run.taps <= in.width && channels == in.channels) {
    return copy(from + int64_t{x} * channels, run.taps * channels, row);
  }
  for (int32_t t = 0; t < run.taps; ++t, row += channels) {
    if (x + t >= 0 && x + t < in.width) {
      copy(from + int64_t{x + t} * in.channels, channels, row);
    } else {
      clear(channels, row);
    }
  }
}

// Numbers begin .. end of a row of a product, all of which are those under all taps.
inline void gather(const Product& p, const Pixel& pixel, int32_t group, int32_t begin, int32_t end,
                   float* row) {
  const int32_t channels = p.channels();
  int32_t place = 0;
  for (int32_t i = 0; i < p.part.runs; ++i) {
    const Run& run = p.runs[i];
    const int32_t count = run.taps * channels;
    if (place >= begin && place + count <= end) {
      gather_run(p, pixel, run, group * channels, channels, row + place - begin);
    } else {
      for (int32_t t = 0; t < run.taps; ++t) {
        const int32_t at = place + t * channels;
        const int32_t first = most(at, begin), last = least(at + channels, end);
        if (first >= last) continue;
        gather_run(p, pixel, {run.dy, run.dx + t, 1}, group * channels + first - at, last - first,
                   row + first - begin);
      }
    }
    place += count;
  }
}

// Sums to where they belong, with what else happens to them.
inline void give(const Product& p, const float* sums, int32_t count, int64_t place) {
  float* const to = p.to + place;
  const float* const second = p.second == nullptr ? nullptr : p.second + place;
  const bool bends = p.o.curve == Curve::kLeaky;
  int32_t i = 0;
  for (; i + kLanes <= count; i += kLanes) {
    Vector v = load(sums + i);
    if (second != nullptr) v += load(second + i);
    store(to + i, bends ? leaky(v, p.o.slope) : v);
  }
  for (; i < count; ++i) {
    float v = sums[i];
    if (second != nullptr) v += second[i];
    to[i] = bends && !(v > 0) ? v * p.o.slope : v;
  }
}

// Some rows of a product, at most kMostRows, and some blocks of columns of each group.
void multiply_part(const Product& p, int64_t first_row, int32_t rows, int32_t first_block,
                   int32_t end_block) {
  float gathered[kMostRows * kRowStep];
  float sums[kMostRows * kColumns];
  Pixel pixels[kMostRows];
  find_pixels(p, first_row, rows, pixels);
  const bool few = p.columns() <= kFew;
  const int32_t depth = p.part.depth, blocks = p.blocks();
  const int64_t block_step = few ? int64_t{padded(depth)} * kFew : int64_t{depth} * kBlock;
  for (int32_t group = 0; group < p.o.groups; ++group) {
    const float* const weights = p.weights + group * blocks * block_step;
    const float* const bias = p.bias + group * blocks * kBlock;
    for (int32_t first = first_block; first < end_block; first += kColumns / kBlock) {
      const int32_t here = least(kColumns / kBlock, end_block - first);
      for (int32_t r = 0; r < rows; ++r) {
        copy(bias + first * kBlock, here * kBlock, sums + r * kColumns);
      }
      for (int32_t begin = 0; begin < depth; begin += kDepth) {
        const int32_t end = least(begin + kDepth, depth), count = end - begin;
        for (int32_t r = 0; r < rows && (depth > kDepth || first == first_block); ++r) {
          float* const row = gathered + r * kRowStep;
          gather(p, pixels[r], group, begin, end, row);
          clear(padded(count) - count, row + count);
        }
        if (few) {
          multiply_few_rows(rows, gathered, padded(count), weights + begin, padded(depth), sums);
          continue;
        }
        const float* w = weights + first * block_step + int64_t{begin} * kBlock;
        int32_t b = 0;
        for (; b + kBlocksAtOnce <= here; b += kBlocksAtOnce, w += kBlocksAtOnce * block_step) {
          multiply_rows<kBlocksAtOnce>(rows, gathered, count, w, block_step, sums + b * kBlock);
        }
        for (; b < here; ++b, w += block_step) {
          multiply_rows<1>(rows, gathered, count, w, block_step, sums + b * kBlock);
        }
      }
      const int32_t column = first * kBlock;
      const int32_t count = least(here * kBlock, p.columns() - column);
      for (int32_t r = 0; r < rows; ++r) {
        give(p, sums + r * kColumns, count, pixels[r].to + group * p.columns() + column);
      }
    }
  }
}

// By rows, or where there are too few of them by columns.
void run_product(const Product& p, int32_t samples, int32_t part, int32_t parts) {
  const int64_t rows = int64_t{samples} * p.part.height * p.part.width;
  const int64_t pieces = (rows + kMostRows - 1) / kMostRows;
  const bool by_rows = pieces >= parts;
  const Range columns = by_rows ? Range{0, p.blocks()} : share(p.blocks(), part, parts);
  const Range mine = by_rows ? share(pieces, part, parts) : Range{0, pieces};
  if (columns.begin == columns.end) return;
  for (int64_t piece = mine.begin; piece < mine.end; ++piece) {
    const int64_t begin = rows * piece / pieces, end = rows * (piece + 1) / pieces;
    multiply_part(p, begin, static_cast<int32_t>(end - begin), static_cast<int32_t>(columns.begin),
                  static_cast<int32_t>(columns.end));
  }
}

// --- What else there is. ---

inline int64_t size_of(const Extent& e) { return int64_t{e.height} * e.width * e.channels; }

void run_curve(Curve curve, float slope, float* numbers, int64_t count) {
  int64_t i = 0;
  for (; i + kLanes <= count; i += kLanes)
    store(numbers + i, curved(curve, slope, load(numbers + i)));
  if (i == count) return;
  float last[kLanes] = {};
  copy(numbers + i, static_cast<int32_t>(count - i), last);
  store(last, curved(curve, slope, load(last)));
  copy(last, static_cast<int32_t>(count - i), numbers + i);
}

inline double square_root(double x) { return __builtin_sqrt(x); }

void scale_pixel(const float* x, const float* scale, const float* shift, int32_t channels,
                 float* y) {
  for (int32_t c = 0; c < channels; ++c) y[c] = x[c] * scale[c] + shift[c];
}

void run_scale(const Operation& o, const float* weights, const float* x, float* y) {
  const int32_t pixels = o.in.height * o.in.width;
  for (int32_t i = 0; i < pixels; ++i) {
    scale_pixel(x + int64_t{i} * o.in.channels, weights + o.weights, weights + o.bias,
                o.in.channels, y + int64_t{i} * o.in.channels);
  }
}

void run_basis(const Operation& o, const float* basis, const float* x, float* y) {
  const int32_t pixels = o.out.height * o.out.width, channels = o.out.channels;
  for (int32_t i = 0; i < pixels; ++i) {
    for (int32_t c = 0; c < channels; ++c) *y++ = *basis++ * x[c];
  }
}

void run_reorder(const Extent& image, const float* x, float* y, bool flatten) {
  const int32_t pixels = image.height * image.width;
  for (int32_t i = 0; i < pixels; ++i) {
    for (int32_t c = 0; c < image.channels; ++c) {
      const int64_t planar = int64_t{c} * pixels + i, pixel = int64_t{i} * image.channels + c;
      if (flatten) {
        y[planar] = x[pixel];
      } else {
        y[pixel] = x[planar];
      }
    }
  }
}

// Crops and pads: pixel (y + before, x + before) of the result is (y, x).
void run_place(const Operation& o, int32_t before, const float* x, float* y) {
  const int32_t channels = o.out.channels;
  for (int32_t i = 0; i < o.out.height; ++i) {
    for (int32_t j = 0; j < o.out.width; ++j, y += channels) {
      const int32_t from_y = i - before, from_x = j - before;
      const bool inside = from_y >= 0 && from_x >= 0 && from_y < o.in.height && from_x < o.in.width;
      if (inside) {
        copy(x + (int64_t{from_y} * o.in.width + from_x) * channels, channels, y);
      } else {
        clear(channels, y);
      }
    }
  }
}

void run_upsample(const Operation& o, const float* x, float* y) {
  const int32_t channels = o.out.channels;
  for (int32_t i = 0; i < o.out.height; ++i) {
    for (int32_t j = 0; j < o.out.width; ++j, y += channels) {
      copy(x + (int64_t{i / 2} * o.in.width + j / 2) * channels, channels, y);
    }
  }
}

void run_mean_pool(const Operation& o, const float* x, float* y) {
  const int32_t channels = o.in.channels;
  const int64_t row = int64_t{o.in.width} * channels;
  for (int32_t i = 0; i < o.out.height; ++i) {
    for (int32_t j = 0; j < o.out.width; ++j) {
      const float* const p = x + 2 * i * row + int64_t{2} * j * channels;
      for (int32_t c = 0; c < channels; ++c) {
        *y++ = (p[c] + p[c + channels] + p[c + row] + p[c + row + channels]) * 0.25F;
      }
    }
  }
}

// Four taps along each axis, some of them outside of the picture: y = scale sum of weights x.
struct Taps1d {
  int32_t first;  // of the pixels
  int32_t count;
  float weights[4];
};
inline Taps1d taps_up(int32_t place) {
  return place % 2 == 0 ? Taps1d{place / 2 - 1, 2, {1, 3}} : Taps1d{place / 2, 2, {3, 1}};
}
inline Taps1d taps_down(int32_t place) { return {2 * place - 1, 4, {1, 3, 3, 1}}; }

void run_filter(const Operation& o, bool up, const float* x, float* y) {
  const int32_t channels = o.in.channels;
  const float scale = up ? 1.0F / 16 : 1.0F / 64;
  for (int32_t i = 0; i < o.out.height; ++i) {
    const Taps1d rows = up ? taps_up(i) : taps_down(i);
    for (int32_t j = 0; j < o.out.width; ++j, y += channels) {
      const Taps1d columns = up ? taps_up(j) : taps_down(j);
      clear(channels, y);
      for (int32_t a = 0; a < rows.count; ++a) {
        for (int32_t b = 0; b < columns.count; ++b) {
          const int32_t from_y = rows.first + a, from_x = columns.first + b;
          if (from_y < 0 || from_x < 0 || from_y >= o.in.height || from_x >= o.in.width) continue;
          const float weight = scale * rows.weights[a] * columns.weights[b];
          const float* const p = x + (int64_t{from_y} * o.in.width + from_x) * channels;
          for (int32_t c = 0; c < channels; ++c) y[c] += weight * p[c];
        }
      }
    }
  }
}

void run_global_mean(const Operation& o, const float* x, float* y) {
  const int32_t pixels = o.in.height * o.in.width;
  for (int32_t c = 0; c < o.in.channels; ++c) {
    double sum = 0;
    for (int32_t i = 0; i < pixels; ++i)
      sum += static_cast<double>(x[int64_t{i} * o.in.channels + c]);
    y[c] = static_cast<float>(sum / pixels);
  }
}

void run_layer_norm(const Operation& o, const float* weights, const float* x, float* y) {
  const int64_t count = size_of(o.in);
  double sum = 0, squares = 0;
  for (int64_t i = 0; i < count; ++i) sum += static_cast<double>(x[i]);
  const double mean = sum / static_cast<double>(count);
  for (int64_t i = 0; i < count; ++i) {
    const double d = static_cast<double>(x[i]) - mean;
    squares += d * d;
  }
  const double scale =
      1 / square_root(squares / static_cast<double>(count) + static_cast<double>(o.epsilon));
  for (int64_t i = 0; i < count; ++i) {
    const auto c = static_cast<int32_t>(i % o.in.channels);
    y[i] = static_cast<float>((static_cast<double>(x[i]) - mean) * scale *
                                  static_cast<double>(weights[o.weights + c]) +
                              static_cast<double>(weights[o.bias + c]));
  }
}

// weights: scale, mean and mean square of the reference batch, each [channels].
void run_virtual_norm(const Operation& o, const float* weights, const float* x, float* y) {
  const int32_t channels = o.in.channels, pixels = o.in.height * o.in.width;
  const auto share = static_cast<double>(o.share);
  for (int32_t c = 0; c < channels; ++c) {
    double sum = 0, squares = 0;
    for (int32_t i = 0; i < pixels; ++i) {
      const auto number = static_cast<double>(x[int64_t{i} * channels + c]);
      sum += number;
      squares += number * number;
    }
    const float* const of_c = weights + o.weights + c;
    const double mean = (1 - share) * static_cast<double>(of_c[channels]) + share * sum / pixels;
    const double square =
        (1 - share) * static_cast<double>(of_c[2 * channels]) + share * squares / pixels;
    const double variance = square > mean * mean ? square - mean * mean : 0;
    const double scale =
        static_cast<double>(of_c[0]) / square_root(variance + static_cast<double>(o.epsilon));
    for (int32_t i = 0; i < pixels; ++i) {
      const int64_t place = int64_t{i} * channels + c;
      y[place] = static_cast<float>((static_cast<double>(x[place]) - mean) * scale +
                                    static_cast<double>(weights[o.bias + c]));
    }
  }
}

void run_sample(const Plan& plan, const Operation& o, const float* x, float* y) {
  switch (o.kind) {
    case Kind::kScale:
      return run_scale(o, plan.weights, x, y);
    case Kind::kBasis:
      return run_basis(o, plan.weights + o.weights, x, y);
    case Kind::kReorder:
      return run_reorder(o.out, x, y, /*flatten=*/false);
    case Kind::kFlatten:
      return run_reorder(o.in, x, y, /*flatten=*/true);
    case Kind::kCrop:
    case Kind::kPad:
      return run_place(o, o.amount, x, y);
    case Kind::kUpsample:
      return run_upsample(o, x, y);
    case Kind::kMeanPool:
      return run_mean_pool(o, x, y);
    case Kind::kFilterUp:
    case Kind::kFilterDown:
      return run_filter(o, o.kind == Kind::kFilterUp, x, y);
    case Kind::kGlobalMean:
      return run_global_mean(o, x, y);
    case Kind::kLayerNorm:
      return run_layer_norm(o, plan.weights, x, y);
    case Kind::kVirtualNorm:
      return run_virtual_norm(o, plan.weights, x, y);
    case Kind::kCurve:
      if (x != y) copy(x, static_cast<int32_t>(size_of(o.in)), y);
      return;
    case Kind::kProduct:
    case Kind::kAdd:
      break;
  }
}

void add(const float* x, const float* second, int64_t count, float* y) {
  for (int64_t i = 0; i < count; ++i) y[i] = x[i] + second[i];
}

}  // namespace

void WGAN_INFER_VARIANT(const Plan& plan, int32_t operation, int32_t samples, float* workspace,
                        int32_t part, int32_t parts) {
  const Operation& o = plan.operations[operation];
  const auto place = [&](int32_t at) { return workspace + int64_t{at} * samples; };
  const float* const from = place(o.from);
  float* const to = place(o.to);
  const float* const second = o.second < 0 ? nullptr : place(o.second);
  if (o.kind == Kind::kProduct) {
    for (int32_t i = 0; i < o.parts; ++i) {
      const Part& p = plan.parts[o.first_part + i];
      run_product({o, p, plan.runs + p.first_run, plan.weights + p.weights, plan.weights + o.bias,
                   from, second, to},
                  samples, part, parts);
    }
    return;
  }
  const int64_t size_in = size_of(o.in), size_out = size_of(o.out);
  const Range mine = share(samples, part, parts);
  for (int64_t s = mine.begin; s < mine.end; ++s) {
    float* const y = to + s * size_out;
    if (o.kind == Kind::kAdd) {
      add(from + s * size_in, second + s * size_in, size_in, y);
    } else {
      run_sample(plan, o, from + s * size_in, y);
    }
    if (o.curve != Curve::kNone) run_curve(o.curve, o.slope, y, size_out);
  }
}

}  // namespace wgan::infer
