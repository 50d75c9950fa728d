// The verbs of the program: each takes the arguments behind its name and returns the exit code.
#pragma once

#include <CLI/CLI.hpp>
#include <span>
#include <string>
#include <vector>

namespace wgan {

using Arguments = std::vector<std::string>;

int compare_recipes_verb(const Arguments& arguments);
int data_verb(const Arguments& arguments);
int describe_verb(const Arguments& arguments);
int doctor_verb(const Arguments& arguments);
int evaluate_verb(const Arguments& arguments);
int export_verb(const Arguments& arguments);
int features_verb(const Arguments& arguments);
int interpolate_verb(const Arguments& arguments);
int lab_verb(const Arguments& arguments);
int sample_verb(const Arguments& arguments);
int train_verb(const Arguments& arguments);

struct Verb {
  const char* name;
  const char* summary;
  int (*run)(const Arguments&);
};
std::span<const Verb> all_verbs();

// Parses into the command. Returns false where help was asked for, and printed. Throws
// Error(kUsage) for anything wrong; an unknown flag gets the nearest known one as a hint.
bool parse_arguments(CLI::App& command, const Arguments& arguments);

// "0-3,8" as 0, 1, 2, 3, 8. Throws Error(kUsage); at most a million.
std::vector<uint64_t> parse_seeds(const std::string& text);

}  // namespace wgan
