// Winograd's minimal filtering (Lavin and Gray 2016, section 4), for convolutions of any stride.
//
// A strided convolution is a sum of plain ones: a phase of an axis has every stride-th pixel and
// every stride-th weight, from its number on. Each goes in tiles of 2x2 outputs. Along one axis,
//   y = A ((G w) . (B x))
// gives two outputs of `taps` weights by taps + 1 products, one for each point at which polynomials
// are evaluated; along two, by the square of that. Gradients go through the transposes of A, B, G.
#pragma once

#include <array>
#include <cstdint>
#include <cstring>
#include <utility>

namespace wgan::winograd {

template <size_t kRows, size_t kColumns>
using Matrix = std::array<std::array<float, kColumns>, kRows>;

template <size_t kRows, size_t kColumns>
constexpr Matrix<kColumns, kRows> transposed(const Matrix<kRows, kColumns>& m) {
  Matrix<kColumns, kRows> t{};
  for (size_t i = 0; i < kRows; ++i) {
    for (size_t j = 0; j < kColumns; ++j) t[j][i] = m[i][j];
  }
  return t;
}

// F(2, kTaps). The points are 0, 1, -1 (of three taps alone) and infinity, the last.
template <size_t kTaps>
struct Axis;
template <>
struct Axis<1> {
  static constexpr Matrix<2, 2> kB{{{1, 0}, {0, 1}}};
  static constexpr Matrix<2, 1> kG{{{1}, {1}}};
  static constexpr Matrix<2, 2> kA{{{1, 0}, {0, 1}}};
};
template <>
struct Axis<2> {
  static constexpr Matrix<3, 3> kB{{{1, -1, 0}, {0, 1, 0}, {0, -1, 1}}};
  static constexpr Matrix<3, 2> kG{{{1, 0}, {1, 1}, {0, 1}}};
  static constexpr Matrix<2, 3> kA{{{1, 1, 0}, {0, 1, 1}}};
};
template <>
struct Axis<3> {
  static constexpr Matrix<4, 4> kB{{{1, 0, -1, 0}, {0, 1, 1, 0}, {0, -1, 1, 0}, {0, -1, 0, 1}}};
  static constexpr Matrix<4, 3> kG{{{1, 0, 0}, {.5, .5, .5}, {.5, -.5, .5}, {0, 0, 1}}};
  static constexpr Matrix<2, 4> kA{{{1, 1, 1, 0}, {0, 1, -1, 1}}};
};
template <size_t kTaps>
constexpr auto kBTransposed = transposed(Axis<kTaps>::kB);
template <size_t kTaps>
constexpr auto kGTransposed = transposed(Axis<kTaps>::kG);
template <size_t kTaps>
constexpr auto kATransposed = transposed(Axis<kTaps>::kA);

constexpr int64_t kTile = 2;
constexpr int64_t kMostTaps = 3;
constexpr size_t kMostPlaces = (kTile + kMostTaps - 1) * (kTile + kMostTaps - 1);

// Addresses of the channels of a tile's pixels, or of its pairs of points, row by row.
template <class Number>
using Places = std::array<Number*, kMostPlaces>;

// As many channels as are taken at once.
constexpr int64_t kChannels = 8;
template <class Number>
using Vector [[gnu::vector_size(kChannels * sizeof(Number))]] = Number;

// act.operator()<i>() for i below kCount.
template <size_t kCount, class Act>
inline void unrolled(const Act& act) {
  [&]<size_t... i>(std::index_sequence<i...>) { (act.template operator()<i>(), ...); }
  (std::make_index_sequence<kCount>());
}

// sum = row kRow of a matrix times x.
template <const auto& kMatrix, size_t kRow, class Number>
inline void multiply_row(const Vector<Number>* x, Vector<Number>& sum) {
  bool any = false;
  unrolled<kMatrix[0].size()>([&]<size_t j>() {
    constexpr Number kFactor = kMatrix[kRow][j];
    if constexpr (kFactor != 0) {
      const Vector<Number> term = kFactor == 1 ? x[j] : x[j] * kFactor;
      sum = any ? sum + term : term;
      any = true;
    }
  });
}

// to[i][j] = sum over k, l of kY[i][k] kX[j][l] from[k][l], or that added, for `count` channels.
template <const auto& kY, const auto& kX, bool kAdd = false, class Number>
void transform(const Places<Number>& from, const Places<Number>& to, int64_t count) {
  constexpr size_t kHeight = kY.size(), kWidth = kX.size();
  constexpr size_t kFromHeight = kY[0].size(), kFromWidth = kX[0].size();
  for (int64_t c = 0; c < count; c += kChannels) {
    Vector<Number> rows[kHeight][kFromWidth];
    unrolled<kFromWidth>([&]<size_t x>() {
      Vector<Number> column[kFromHeight];
      unrolled<kFromHeight>([&]<size_t y>() {
        std::memcpy(&column[y], from[y * kFromWidth + x] + c, sizeof(column[y]));
      });
      unrolled<kHeight>([&]<size_t i>() { multiply_row<kY, i, Number>(column, rows[i][x]); });
    });
    unrolled<kHeight>([&]<size_t i>() {
      unrolled<kWidth>([&]<size_t j>() {
        Number* const place = to[i * kWidth + j] + c;
        Vector<Number> value;
        multiply_row<kX, j, Number>(rows[i], value);
        if constexpr (kAdd) {
          Vector<Number> before;
          std::memcpy(&before, place, sizeof(before));
          value += before;
        }
        std::memcpy(place, &value, sizeof(value));
      });
    });
  }
}

// act.operator()<taps>().
template <class Act>
void with_taps(int64_t taps, const Act& act) {
  if (taps == 1) act.template operator()<1>();
  if (taps == 2) act.template operator()<2>();
  if (taps == 3) act.template operator()<3>();
}

}  // namespace wgan::winograd
