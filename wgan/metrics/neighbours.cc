// Blocked squared distances by matrix products, with exact differences where those cannot tell.
#include "wgan/metrics/neighbours.h"

#include <fmt/format.h>
#include <torch/types.h>

#include <algorithm>
#include <limits>
#include <vector>

#include "wgan/core/counted.h"
#include "wgan/core/error.h"
#include "wgan/metrics/features.h"

namespace wgan {
namespace {

constexpr double kFarAway = std::numeric_limits<double>::infinity();
constexpr int64_t kQueryBlock = 1024;
constexpr int64_t kBaseBlock = 4096;                 // with kQueryBlock: 32 MiB of distances
constexpr int64_t kExactNumbers = int64_t{1} << 21;  // taken up at a time for exact differences
constexpr int64_t kSpareCandidates = 8;              // whose order the rounding may have mixed up

// Rows as given, and moved to a common origin for the products, where large means cost digits.
struct Points {
  at::Tensor rows;    // [N, D]
  at::Tensor origin;  // [D] float64

  int64_t count() const { return rows.size(0); }
};

// Some rows of Points, ready for products.
struct Block {
  at::Tensor centred;  // [n, D] float64
  at::Tensor squares;  // [n] their squared lengths
};

Block block_of(const Points& points, int64_t first, int64_t size) {
  at::Tensor centred = points.rows.narrow(0, first, size).to(torch::kFloat64) - points.origin;
  at::Tensor squares = centred.square().sum(1);
  return {std::move(centred), std::move(squares)};
}

at::Tensor mean_of(const at::Tensor& rows) {
  at::Tensor sum = torch::zeros({rows.size(1)}, rows.options().dtype(torch::kFloat64));
  for (const at::Tensor& block : rows.split(kRowBlock)) sum += block.to(torch::kFloat64).sum(0);
  return sum / static_cast<double>(std::max<int64_t>(rows.size(0), 1));
}

// [n, m] squared distances, off by at most squared_error.
at::Tensor squared_distances(const Block& a, const Block& b) {
  at::Tensor products = torch::addmm(b.squares.unsqueeze(0), a.centred, b.centred.t(), 1, -2);
  return products.add_(a.squares.unsqueeze(1));
}

// A bound on the rounding in squared_distances.
double squared_error(const Block& a, const Block& b) {
  const double roundings = static_cast<double>(a.centred.size(1)) + 8;
  return 2 * roundings * std::numeric_limits<double>::epsilon() *
         (a.squares.max() + b.squares.max()).item<double>();
}

// The squared distance between a's row first[i] and b's row second[i], from the difference.
at::Tensor exact_squares(const at::Tensor& a, const at::Tensor& first, const at::Tensor& b,
                         const at::Tensor& second) {
  const int64_t piece = std::max<int64_t>(kExactNumbers / a.size(1), 1);
  std::vector<at::Tensor> squares{torch::empty({0}, first.options().dtype(torch::kFloat64))};
  for (int64_t at = 0; at < first.size(0); at += piece) {
    const int64_t size = std::min(piece, first.size(0) - at);
    const at::Tensor from = a.index_select(0, first.narrow(0, at, size)).to(torch::kFloat64);
    const at::Tensor to = b.index_select(0, second.narrow(0, at, size)).to(torch::kFloat64);
    squares.push_back((from - to).square().sum(1));
  }
  return torch::cat(squares);
}

struct Nearest {
  at::Tensor squares;  // [n, k] float64, rising
  at::Tensor index;    // [n, k] int64
};

// Joins what was found so far with other candidates and keeps the nearest.
Nearest nearest_of(const Nearest& found, const at::Tensor& squares, const at::Tensor& index,
                   int64_t count) {
  const at::Tensor all = torch::cat({found.squares, squares}, 1);
  const auto [kept, place] = all.topk(std::min(count, all.size(1)), 1, false, true);
  return {kept, torch::cat({found.index, index}, 1).gather(1, place)};
}

// The k nearest base rows of the queries first .. first + size - 1. alone: queries and base are one
// set, and a row is not its own neighbour.
Nearest nearest_in_block(const Points& queries, int64_t first, int64_t size, const Points& base,
                         int64_t k, bool alone) {
  const int64_t candidates = std::min(k + kSpareCandidates, base.count() - (alone ? 1 : 0));
  const Block block = block_of(queries, first, size);
  const auto options = block.squares.options();
  Nearest found{torch::empty({size, 0}, options),
                torch::empty({size, 0}, options.dtype(torch::kLong))};
  for (int64_t at = 0; at < base.count(); at += kBaseBlock) {
    const int64_t width = std::min(kBaseBlock, base.count() - at);
    at::Tensor squares = squared_distances(block, block_of(base, at, width));
    // The diagonal of the whole matrix, where it crosses this block.
    if (alone && first < at + width && at < first + size) {
      squares.diagonal(first - at).fill_(kFarAway);
    }
    const auto [near, place] = squares.topk(std::min(candidates, width), 1, false, true);
    found = nearest_of(found, near, place + at, candidates);
  }
  const at::Tensor rows = torch::arange(first, first + size, found.index.options());
  found.squares = exact_squares(queries.rows, rows.repeat_interleave(found.index.size(1)),
                                base.rows, found.index.flatten())
                      .view(found.index.sizes());
  const auto [sorted, order] = found.squares.sort(/*stable=*/true, 1, /*descending=*/false);
  return {sorted.narrow(1, 0, k), found.index.gather(1, order.narrow(1, 0, k))};
}

// [n, m] bool: whether the distance between points a_i and b_j is at most the radius whose square
// is in limits, [n, 1] or [1, m]. squares: squared_distances, off by at most `error`.
at::Tensor within(const at::Tensor& squares, double error, const at::Tensor& limits,
                  const at::Tensor& a, const at::Tensor& b) {
  at::Tensor inside = squares.le(limits - error);
  const at::Tensor unsure = squares.le(limits + error).ne(inside).nonzero();
  if (unsure.size(0) == 0) return inside;
  const at::Tensor i = unsure.select(1, 0);
  const at::Tensor j = unsure.select(1, 1);
  const at::Tensor limit = limits.expand_as(squares).index({i, j});
  return inside.index_put_({i, j}, exact_squares(a, i, b, j).le(limit));
}

at::Tensor squared_radii(const Points& points, int64_t k) {
  if (k < 1 || k >= points.count()) {
    throw Error(ErrorKind::kUsage,
                fmt::format("the neighbour number {} of {}, wanted 1 to {}", k,
                            counted(points.count(), "row"), points.count() - 1),
                "measure more samples, or a nearer neighbour");
  }
  std::vector<at::Tensor> radii;
  for (int64_t first = 0; first < points.count(); first += kQueryBlock) {
    const int64_t size = std::min(kQueryBlock, points.count() - first);
    radii.push_back(
        nearest_in_block(points, first, size, points, k, true).squares.select(1, k - 1));
  }
  return torch::cat(radii);
}

double share(const at::Tensor& flags) { return flags.to(torch::kFloat64).mean().item<double>(); }

}  // namespace

Neighbours nearest_neighbours(const at::Tensor& queries, const at::Tensor& base) {
  const torch::NoGradGuard no_grad;
  const at::Tensor base_rows = checked_rows(base, "the base", 1);
  const at::Tensor query_rows = checked_rows(queries, "the queries", 0);
  check_comparable(query_rows, base_rows);
  const at::Tensor origin = mean_of(base_rows);
  const Points from{query_rows, origin}, to{base_rows, origin};
  const auto options = origin.options();
  std::vector<at::Tensor> distances{torch::empty({0}, options)};
  std::vector<at::Tensor> indices{torch::empty({0}, options.dtype(torch::kLong))};
  for (int64_t first = 0; first < from.count(); first += kQueryBlock) {
    const int64_t size = std::min(kQueryBlock, from.count() - first);
    const Nearest nearest = nearest_in_block(from, first, size, to, 1, false);
    distances.push_back(nearest.squares.select(1, 0).sqrt());
    indices.push_back(nearest.index.select(1, 0));
  }
  return {torch::cat(distances), torch::cat(indices)};
}

at::Tensor neighbour_radii(const at::Tensor& rows, int64_t k) {
  const torch::NoGradGuard no_grad;
  const at::Tensor checked = checked_rows(rows, "the rows", 2);
  return squared_radii({checked, mean_of(checked)}, k).sqrt_();
}

NeighbourMeasures neighbour_measures(const at::Tensor& real, const at::Tensor& fake, int64_t k) {
  const torch::NoGradGuard no_grad;
  const at::Tensor real_rows = checked_rows(real, "the real features", 2);
  const at::Tensor fake_rows = checked_rows(fake, "the generated features", 2);
  check_comparable(real_rows, fake_rows);
  const at::Tensor origin = mean_of(real_rows);
  const Points reals{real_rows, origin}, fakes{fake_rows, origin};
  const at::Tensor real_limits = squared_radii(reals, k), fake_limits = squared_radii(fakes, k);
  const auto counts = origin.options().dtype(torch::kLong);
  NeighbourMeasures found{.k = k,
                          .real_balls = torch::zeros({fakes.count()}, counts),
                          .fake_balls = torch::zeros({reals.count()}, counts),
                          .covered = {}};
  at::Tensor fakes_held = torch::zeros({reals.count()}, counts);
  for (int64_t i = 0; i < reals.count(); i += kQueryBlock) {
    const int64_t height = std::min(kQueryBlock, reals.count() - i);
    const Block rows = block_of(reals, i, height);
    const at::Tensor these = real_rows.narrow(0, i, height);
    for (int64_t j = 0; j < fakes.count(); j += kBaseBlock) {
      const int64_t width = std::min(kBaseBlock, fakes.count() - j);
      const Block columns = block_of(fakes, j, width);
      const at::Tensor those = fake_rows.narrow(0, j, width);
      const at::Tensor squares = squared_distances(rows, columns);
      const double error = squared_error(rows, columns);
      const at::Tensor in_real =
          within(squares, error, real_limits.narrow(0, i, height).unsqueeze(1), these, those);
      const at::Tensor in_fake =
          within(squares, error, fake_limits.narrow(0, j, width).unsqueeze(0), these, those);
      found.real_balls.narrow(0, j, width).add_(in_real.sum(0));
      fakes_held.narrow(0, i, height).add_(in_real.sum(1));
      found.fake_balls.narrow(0, i, height).add_(in_fake.sum(1));
    }
  }
  found.covered = fakes_held.gt(0).cpu();
  found.real_balls = found.real_balls.cpu();
  found.fake_balls = found.fake_balls.cpu();
  found.precision = share(found.real_balls.gt(0));
  found.recall = share(found.fake_balls.gt(0));
  found.density = share(found.real_balls) / static_cast<double>(k);
  found.coverage = share(found.covered);
  return found;
}

}  // namespace wgan
