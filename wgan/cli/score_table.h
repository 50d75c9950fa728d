// Scores as tables for people, and what a comparison of several subjects says.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "wgan/judge/evaluation.h"

namespace wgan {

// The scores of one subject as a table: its head, and a line a score.
std::string score_head();
std::string score_line(const Score& score);

// One score of several subjects.
struct Comparison {
  Score score;                      // of the first; its name, and what is better
  std::vector<double> values;       // [subjects]
  std::vector<double> error;        // [subjects] standard errors, from random halves
  std::vector<size_t> order;        // subjects, the best first
  std::vector<bool> like_the_best;  // [subjects] not to be told from the best: the difference is
                                    // below 1.96 standard errors of it
};

// scores: [subjects][the same scores]. halves: [subjects][rounds][scores], as Evaluator::halves.
std::vector<Comparison> compare(const std::vector<std::vector<Score>>& scores,
                                const std::vector<std::vector<std::vector<double>>>& halves);

std::string comparison_text(const std::vector<Comparison>& comparisons,
                            const std::vector<std::string>& names);
nlohmann::ordered_json comparison_to_json(const std::vector<Comparison>& comparisons,
                                          const std::vector<std::string>& names);

}  // namespace wgan
