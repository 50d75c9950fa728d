// LAPJV: column reduction, reduction transfer, augmenting row reduction, then shortest augmenting
// paths for the rows that are still free.
#include "wgan/metrics/assignment.h"

#include <algorithm>
#include <cstddef>
#include <limits>
#include <numeric>
#include <utility>

namespace wgan {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr int kNone = -1;
constexpr int kReductionSweeps = 2;  // as published
constexpr int kBidsARow = 8;         // of a sweep of the row reduction, on average

class Solver {
 public:
  Solver(std::span<const double> costs, int n)
      : n_(n),
        costs_(costs),
        column_of_(size_t(n), kNone),
        row_of_(size_t(n), kNone),
        price_(size_t(n), kInfinity) {}

  Assignment solve() {
    reduce_columns();
    std::vector<int> free = transfer_reduction();
    for (int sweep = 0; sweep < kReductionSweeps && !free.empty(); ++sweep) free = bid(free);
    augment(free);
    Assignment assignment;
    for (int i = 0; i < n_; ++i) {
      const int j = column_of_[at(i)];
      assignment.column_of.push_back(j);
      assignment.row_potential.push_back(row(i)[j] - price_[at(j)]);
    }
    assignment.column_potential = std::move(price_);
    return assignment;
  }

 private:
  static size_t at(int i) { return static_cast<size_t>(i); }
  const double* row(int i) const { return costs_.data() + at(i) * at(n_); }

  void assign(int i, int j) {
    column_of_[at(i)] = j;
    row_of_[at(j)] = i;
  }

  // The price of a column is its least cost; the row of that cost gets it, if it has none yet.
  void reduce_columns() {
    std::vector<int> cheapest(at(n_), 0);
    for (int i = 0; i < n_; ++i) {
      const double* costs = row(i);
      for (int j = 0; j < n_; ++j) {
        if (costs[j] < price_[at(j)]) {
          price_[at(j)] = costs[j];
          cheapest[at(j)] = i;
        }
      }
    }
    times_cheapest_.assign(at(n_), 0);
    for (int j = n_ - 1; j >= 0; --j) {
      const int i = cheapest[at(j)];
      if (++times_cheapest_[at(i)] == 1) assign(i, j);
    }
  }

  // A row that wants one column only pays for it as much as it can without wanting another more.
  // Returns the rows without a column.
  std::vector<int> transfer_reduction() {
    std::vector<int> free;
    for (int i = 0; i < n_; ++i) {
      if (times_cheapest_[at(i)] == 0) {
        free.push_back(i);
      } else if (times_cheapest_[at(i)] == 1) {
        const int own = column_of_[at(i)];
        double least = kInfinity;
        for (int j = 0; j < n_; ++j) {
          if (j != own) least = std::min(least, row(i)[j] - price_[at(j)]);
        }
        if (least < kInfinity) price_[at(own)] -= least;
      }
    }
    return free;
  }

  struct TwoBest {
    int first = kNone;
    int second = kNone;
    double first_cost = kInfinity;
    double second_cost = kInfinity;
  };

  TwoBest two_best(int i) const {
    TwoBest best;
    const double* costs = row(i);
    for (int j = 0; j < n_; ++j) {
      const double reduced = costs[j] - price_[at(j)];
      if (reduced >= best.second_cost) continue;
      if (reduced < best.first_cost) {
        best.second = std::exchange(best.first, j);
        best.second_cost = std::exchange(best.first_cost, reduced);
      } else {
        best.second = j;
        best.second_cost = reduced;
      }
    }
    return best;
  }

  // Augmenting row reduction: each free row takes the column it likes best, and raises its price to
  // where it likes the second best as much; a row that loses its column bids at once. Returns the
  // rows left without a column.
  std::vector<int> bid(const std::vector<int>& free) {
    std::vector<int> left;
    int64_t bids = int64_t{kBidsARow} * n_;
    for (int i : free) {
      while (true) {
        if (--bids < 0) {
          left.push_back(i);
          break;
        }
        const TwoBest best = two_best(i);
        const bool raises = best.first_cost < best.second_cost;
        const double price = price_[at(best.first)] - (best.second_cost - best.first_cost);
        int j = best.first;
        if (!raises && row_of_[at(j)] != kNone) {
          j = best.second;  // as good, and perhaps free
        } else if (raises && best.second != kNone) {
          price_[at(j)] = price;
        }
        const int loser = row_of_[at(j)];
        assign(i, j);
        if (loser == kNone) break;
        column_of_[at(loser)] = kNone;
        if (!raises) {
          left.push_back(loser);
          break;
        }
        i = loser;
      }
    }
    return left;
  }

  void augment(const std::vector<int>& free);

  int n_;
  std::span<const double> costs_;
  std::vector<int> column_of_;
  std::vector<int> row_of_;
  std::vector<double> price_;  // dual variables of the columns
  std::vector<int> times_cheapest_;
};

// Dijkstra's method on reduced costs, from each free row to the nearest free column.
void Solver::augment(const std::vector<int>& free) {
  std::vector<double> distance(at(n_));
  std::vector<int> row_before(at(n_));
  std::vector<int> columns(at(n_));  // [0, scanned) done, [scanned, reached) nearest, then the rest
  std::iota(columns.begin(), columns.end(), 0);
  for (const int start : free) {
    for (int j = 0; j < n_; ++j) {
      distance[at(j)] = row(start)[j] - price_[at(j)];
      row_before[at(j)] = start;
    }
    int scanned = 0;
    int reached = 0;
    int settled = 0;  // columns whose prices will change
    double nearest = 0;
    int end = kNone;
    while (end == kNone) {
      if (scanned == reached) {
        settled = scanned;
        nearest = kInfinity;
        for (int k = reached; k < n_; ++k)
          nearest = std::min(nearest, distance[at(columns[at(k)])]);
        for (int k = reached; k < n_; ++k) {
          const int j = columns[at(k)];
          if (distance[at(j)] > nearest) continue;
          if (row_of_[at(j)] == kNone) {
            end = j;
            break;
          }
          std::swap(columns[at(k)], columns[at(reached++)]);
        }
        continue;
      }
      const int from = columns[at(scanned++)];
      const int i = row_of_[at(from)];
      const double* costs = row(i);
      const double offset = costs[from] - price_[at(from)] - nearest;
      for (int k = reached; k < n_; ++k) {
        const int j = columns[at(k)];
        const double through = costs[j] - price_[at(j)] - offset;
        if (through >= distance[at(j)]) continue;
        distance[at(j)] = through;
        row_before[at(j)] = i;
        if (through > nearest) continue;
        if (row_of_[at(j)] == kNone) {
          end = j;
          break;
        }
        std::swap(columns[at(k)], columns[at(reached++)]);
      }
    }
    for (int k = 0; k < settled; ++k) {
      const size_t j = at(columns[at(k)]);
      price_[j] += distance[j] - nearest;
    }
    for (int j = end, i = kNone; i != start;) {
      i = row_before[at(j)];
      row_of_[at(j)] = i;
      std::swap(j, column_of_[at(i)]);
    }
  }
}

}  // namespace

Assignment optimal_assignment(std::span<const double> costs, int64_t n) {
  return Solver(costs, static_cast<int>(n)).solve();
}

}  // namespace wgan
