// Combinations of options that make no sense, each with its reason: one table for the program, its
// help and the documentation.
#pragma once

#include <span>
#include <string>

#include "wgan/train/recipe.h"

namespace wgan {

struct Combination {
  const char* options;  // as a person gives them
  const char* reason;
  const char* hint;
  bool (*present)(const TrainOptions& options, const Networks& networks);
};

std::span<const Combination> refused_combinations();

// Throws Error(kUsage) with the first of them that is present.
void check_combinations(const TrainOptions& options, const Networks& networks);

// The table as text for --help, a line and its reason each, and for Markdown.
std::string combinations_text();
std::string combinations_markdown();

}  // namespace wgan
