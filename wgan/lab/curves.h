// Curves of figures in a line each.
#pragma once

#include <cstddef>
#include <functional>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "wgan/lab/figure.h"

namespace wgan {

// low, ..., high in even steps; count >= 2.
inline std::vector<double> evenly(double low, double high, size_t count) {
  std::vector<double> x(count);
  for (size_t i = 0; i < count; ++i) {
    x[i] = low + (high - low) * static_cast<double>(i) / static_cast<double>(count - 1);
  }
  return x;
}

// f at each of them.
inline std::vector<double> values_at(const std::vector<double>& x,
                                     const std::function<double(double)>& f) {
  std::vector<double> y;
  y.reserve(x.size());
  for (const double at : x) y.push_back(f(at));
  return y;
}

// What a logarithmic axis can show: NaN, which breaks a line, in place of the rest.
inline std::vector<double> positive(std::vector<double> y) {
  for (double& value : y) value = value > 0 ? value : std::numeric_limits<double>::quiet_NaN();
  return y;
}

inline Series curve(const std::string& title, std::vector<double> x, std::vector<double> y,
                    Mark mark = Mark::kLine, int colour = -1) {
  return {.title = title, .mark = mark, .x = std::move(x), .y = std::move(y), .colour = colour};
}

// What the others are compared with: a dashed line from the first x to the last.
inline Series level(const std::string& title, const std::vector<double>& x, double y,
                    int colour = -1) {
  return curve(title, {x.front(), x.back()}, {y, y}, Mark::kDashed, colour);
}

}  // namespace wgan
