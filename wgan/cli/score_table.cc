// Tables of scores.
#include "wgan/cli/score_table.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>

namespace wgan {
namespace {

constexpr double kTwoSided95 = 1.96;

std::string number(double value) { return std::isnan(value) ? "" : fmt::format("{:.5g}", value); }

// Of another subject's value of the same score.
double badness_of(Score score, double value) {
  score.value = value;
  return badness(score);
}

double deviation_of(const std::vector<std::vector<double>>& rounds, size_t column) {
  double mean = 0, square = 0;
  for (const auto& round : rounds) mean += round[column] / static_cast<double>(rounds.size());
  for (const auto& round : rounds) square += (round[column] - mean) * (round[column] - mean);
  return std::sqrt(square / static_cast<double>(rounds.size() - 1));
}

}  // namespace

std::string score_head() {
  return fmt::format("{:<17} {:>11} {:>10} {:>13} {:>10}  {}", "measure", "value", "+/-",
                     "real vs real", "better", "samples");
}

std::string score_line(const Score& s) {
  return fmt::format("{:<17} {:>11} {:>10} {:>13} {:>10}  {}", s.name, number(s.value),
                     number(s.deviation), number(s.real), enum_name(s.better), s.samples);
}

std::vector<Comparison> compare(const std::vector<std::vector<Score>>& scores,
                                const std::vector<std::vector<std::vector<double>>>& halves) {
  std::vector<Comparison> all;
  for (size_t column = 0; column < scores.front().size(); ++column) {
    Comparison c;
    c.score = scores.front()[column];
    for (size_t i = 0; i < scores.size(); ++i) {
      c.values.push_back(scores[i][column].value);
      c.error.push_back(deviation_of(halves[i], column));
    }
    c.order.resize(scores.size());
    std::iota(c.order.begin(), c.order.end(), size_t{0});
    std::ranges::stable_sort(c.order, {},
                             [&](size_t i) { return badness_of(c.score, c.values[i]); });
    const size_t best = c.order.front();
    for (size_t i = 0; i < scores.size(); ++i) {
      const double gap = badness_of(c.score, c.values[i]) - badness_of(c.score, c.values[best]);
      c.like_the_best.push_back(gap <= kTwoSided95 * std::hypot(c.error[i], c.error[best]));
    }
    all.push_back(std::move(c));
  }
  return all;
}

std::string comparison_text(const std::vector<Comparison>& comparisons,
                            const std::vector<std::string>& names) {
  size_t width = 0;
  for (const std::string& name : names) width = std::max(width, name.size());
  std::string text;
  for (const Comparison& c : comparisons) {
    text += fmt::format("{}, {}; real vs real {}\n", c.score.name,
                        c.score.better == Better::kNearReal
                            ? std::string("best near the real value")
                            : fmt::format("best {}", enum_name(c.score.better)),
                        number(c.score.real));
    for (size_t place = 0; place < c.order.size(); ++place) {
      const size_t i = c.order[place];
      const double half = kTwoSided95 * c.error[i];
      text +=
          fmt::format("  {}. {:<{}} {:>11}  [{}, {}]{}\n", place + 1, names[i], width,
                      number(c.values[i]), number(c.values[i] - half), number(c.values[i] + half),
                      place > 0 && c.like_the_best[i] ? "  not told from the best: noise" : "");
    }
  }
  if (!text.empty()) text.pop_back();
  return text;
}

nlohmann::ordered_json comparison_to_json(const std::vector<Comparison>& comparisons,
                                          const std::vector<std::string>& names) {
  auto json = nlohmann::ordered_json::array();
  for (const Comparison& c : comparisons) {
    auto ranked = nlohmann::ordered_json::array();
    for (const size_t i : c.order) {
      const double half = kTwoSided95 * c.error[i];
      ranked.push_back({{"subject", names[i]},
                        {"value", c.values[i]},
                        {"low", c.values[i] - half},
                        {"high", c.values[i] + half},
                        {"like_the_best", static_cast<bool>(c.like_the_best[i])}});
    }
    json.push_back({{"name", c.score.name}, {"real", c.score.real}, {"ranked", ranked}});
  }
  return json;
}

}  // namespace wgan
