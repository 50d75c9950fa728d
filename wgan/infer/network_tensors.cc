// Spectral norms by the vectors that training has left, weight norms by the lengths.
#include "wgan/infer/network_tensors.h"

#include <algorithm>
#include <cmath>
#include <span>

#include "wgan/net/slots.h"

namespace wgan::infer {
namespace {

constexpr double kLeast = 1e-12;  // a weight that is zero stays so

// [rows, columns] of a weight, row by row.
struct WeightMatrix {
  int64_t rows, columns;
  std::vector<size_t> places;
};
WeightMatrix matrix_of(const Layer& layer, const Slot& slot) {
  const int64_t rows = weight_rows(layer), columns = elements(slot.shape) / rows;
  WeightMatrix matrix{rows, columns, std::vector<size_t>(index(rows * columns))};
  const bool exchanged = std::holds_alternative<ConvTranspose2d>(layer);
  const int64_t inner = exchanged ? slot.shape[2] * slot.shape[3] : columns;
  for (int64_t r = 0; r < rows; ++r) {
    for (int64_t c = 0; c < columns; ++c) {
      matrix.places[index(r * columns + c)] =
          index(exchanged ? (c / inner * rows + r) * inner + c % inner : r * columns + c);
    }
  }
  return matrix;
}

// The largest singular value as far as the power iteration has come: u^T W v, v = W^T u.
double largest_singular_value(const WeightMatrix& m, std::span<const float> weight,
                              std::span<const float> u) {
  std::vector<double> right(index(m.columns));
  for (int64_t r = 0; r < m.rows; ++r) {
    for (int64_t c = 0; c < m.columns; ++c) {
      right[index(c)] += double{u[index(r)]} * double{weight[m.places[index(r * m.columns + c)]]};
    }
  }
  double square = 0;
  for (const double v : right) square += v * v;
  const double length = std::max(std::sqrt(square), kLeast);
  double value = 0;
  for (int64_t r = 0; r < m.rows; ++r) {
    double sum = 0;
    for (int64_t c = 0; c < m.columns; ++c) {
      sum += double{weight[m.places[index(r * m.columns + c)]]} * right[index(c)] / length;
    }
    value += double{u[index(r)]} * sum;
  }
  return std::max(value, kLeast);
}

}  // namespace

void fold_weight_norms(const Network& network, NetworkTensors& tensors) {
  if (!network.spectral_norm && !network.weight_norm) return;
  const auto layers = numbered(network.layers);
  const std::vector<Slot> parameters = parameter_slots(network), memory = state_slots(network);
  for (size_t s = 0; s < memory.size(); ++s) {
    const bool left = memory[s].name.ends_with(".left");
    if (!left && !memory[s].name.ends_with(".length")) continue;
    size_t p = 0;
    while (parameters[p].layer != memory[s].layer) ++p;  // the weight comes before the bias
    const WeightMatrix m = matrix_of(*layers[memory[s].layer], parameters[p]);
    std::vector<float>& weight = tensors.parameters[p];
    const std::vector<float>& remembered = tensors.memory[s];
    const double all = left ? 1 / largest_singular_value(m, weight, remembered) : 1;
    for (int64_t r = 0; r < m.rows; ++r) {
      const std::span row(m.places.data() + r * m.columns, index(m.columns));
      double factor = all;
      if (!left) {
        double square = 0;
        for (const size_t place : row) square += double{weight[place]} * double{weight[place]};
        factor = double{remembered[index(r)]} / std::max(std::sqrt(square), kLeast);
      }
      for (const size_t place : row) {
        weight[place] = static_cast<float>(double{weight[place]} * factor);
      }
    }
  }
}

}  // namespace wgan::infer
