// A study as a file: the options of all its runs, the recipes that are compared, and what is drawn.
//
//   data = "mnist/"            options of wgan train, and of StudyOptions, for every run
//   time = "90s"
//   seeds = "0,1,2"
//   draws = 24                 networks drawn at random, each trained by every recipe
//   [draw]
//   critic-depth = "4|8|12"    an option and its choices
//   [gan]                      a recipe: its name and its own options
//   objective = "non-saturating"
//   [wgan-gp]
//   objective = "wgan-gp"
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "wgan/core/options.h"
#include "wgan/data/dataset.h"
#include "wgan/io/config_file.h"
#include "wgan/run/options.h"

namespace wgan {

struct StudyOptions {
  std::string seeds = "0";
  int64_t draws = 0;
  int64_t draw_seed = 0;
  std::string measures = "frechet";
  std::string pass;

  Fields fields() & {
    return {{{"seeds", "seeds of each recipe's runs, such as 0,1,2"}, seeds},
            {{"draws", "random networks to draw from the choices in [draw]; 0: none"}, draws},
            {{"draw-seed", "seed of these draws"}, draw_seed},
            {{"measures",
              "measures taken of each run (see wgan evaluate); --best-by names the one that ranks "
              "the recipes"},
             measures},
            {{"pass",
              "thresholds of the ranking score, such as 1,3,5; the table counts the runs of each "
              "recipe that reach them"},
             pass}};
  }
};

struct StudyRecipe {
  std::string name;
  Settings lines;
};

struct Choice {
  std::string key;
  std::vector<std::string> texts;
};

struct Study {
  Settings shared;  // of all runs; StudyOptions' own lines are among them
  std::vector<StudyRecipe> recipes;
  std::vector<Choice> choices;
};

// Throws Error(kUsage) with the line of what is wrong: no recipes, a key that is no option, an
// option of the data in a recipe, a choice that is none of its option's values.
Study read_study(const std::filesystem::path& file);

// One run of a study.
struct Job {
  std::string name;  // "wgan-gp", with "-draw07" and "-seed1" where there are several
  size_t recipe = 0;
  int64_t draw = 0;
  int64_t seed = 0;
  Settings lines;  // shared, drawn, the recipe's
};

// Draw by draw and seed by seed, every recipe in turn. Draws depend on draw-seed alone, so that all
// are known before any is trained. Throws Error(kUsage) where an option makes no sense.
std::vector<Job> jobs_of(const Study& study);

}  // namespace wgan
