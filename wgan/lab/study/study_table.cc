// Means over runs, and who passes where.
#include "wgan/lab/study/study_table.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <numeric>
#include <utility>

namespace wgan {
namespace {

constexpr double kTwoSided95 = 1.96;

const Score* find_score(const StudyResult& result, const std::string& name) {
  const auto found = std::ranges::find(result.scores, name, &Score::name);
  return found == result.scores.end() ? nullptr : &*found;
}

struct Mean {
  double value = kNotKnown;
  double error = kNotKnown;  // standard error; not known of fewer than two
};

Mean mean_of(const std::vector<double>& values) {
  const auto n = static_cast<double>(values.size());
  if (values.empty()) return {};
  Mean mean{std::accumulate(values.begin(), values.end(), 0.0) / n, kNotKnown};
  if (values.size() < 2) return mean;
  double squares = 0;
  for (const double value : values) squares += (value - mean.value) * (value - mean.value);
  mean.error = std::sqrt(squares / (n - 1) / n);
  return mean;
}

std::string mean_text(const Mean& mean) {
  if (std::isnan(mean.value)) return "";
  if (std::isnan(mean.error)) return fmt::format("{:.4g}", mean.value);
  return fmt::format("{:.4g} +- {:.2g}", mean.value, kTwoSided95 * mean.error);
}

// The runs of a recipe, and how bad each is by its draw and seed: infinitely where it failed.
struct Runs {
  std::vector<const StudyResult*> all;
  std::map<std::pair<int64_t, int64_t>, double> badness;
  double mean_badness = 0;
};

std::vector<Runs> runs_by_recipe(const Study& study, const std::vector<StudyResult>& results,
                                 const std::string& ranking) {
  std::vector<Runs> recipes(study.recipes.size());
  for (const StudyResult& result : results) {
    Runs& runs = recipes[result.recipe];
    const Score* score = find_score(result, ranking);
    runs.all.push_back(&result);
    runs.badness[{result.draw, result.seed}] =
        score == nullptr ? std::numeric_limits<double>::infinity() : badness(*score);
  }
  for (Runs& runs : recipes) {
    for (const auto& [place, value] : runs.badness) {
      runs.mean_badness += value / static_cast<double>(runs.badness.size());
    }
  }
  return recipes;
}

// Of a recipe that is not the best: whether the paired difference is beyond noise.
std::string verdict(const Runs& best, const Runs& runs) {
  std::vector<double> differences;
  for (const auto& [place, value] : runs.badness) {
    const auto other = best.badness.find(place);
    if (other != best.badness.end()) differences.push_back(value - other->second);
  }
  const Mean mean = mean_of(differences);
  if (differences.size() < 2) return "one run: cannot be told";
  if (!std::isfinite(mean.value)) return "has runs that failed";
  return std::abs(mean.value) <= kTwoSided95 * mean.error ? "not told from the best: noise"
                                                          : "worse";
}

}  // namespace

std::string study_table(const Study& study, const std::vector<StudyResult>& results,
                        const std::string& ranking) {
  const std::vector<Runs> recipes = runs_by_recipe(study, results, ranking);
  std::vector<size_t> order(recipes.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::erase_if(order, [&](size_t i) { return recipes[i].all.empty(); });
  std::ranges::stable_sort(order, {}, [&](size_t i) { return recipes[i].mean_badness; });
  std::vector<std::string> names;
  for (const StudyResult& result : results) {
    for (const Score& score : result.scores) {
      if (std::ranges::find(names, score.name) == names.end()) names.push_back(score.name);
    }
  }
  std::string text = fmt::format("| recipe | runs | failed | {} | beside the best |\n|---|--:|--:|",
                                 fmt::join(names, " | "));
  for (size_t i = 0; i < names.size(); ++i) text += "--:|";
  text += "---|\n";
  for (const size_t i : order) {
    const Runs& runs = recipes[i];
    const auto failed =
        std::ranges::count_if(runs.all, [](const StudyResult* r) { return !r->failure.empty(); });
    text += fmt::format("| {} | {} | {} |", study.recipes[i].name, runs.all.size(), failed);
    for (const std::string& name : names) {
      std::vector<double> values;
      for (const StudyResult* r : runs.all) {
        if (const Score* score = find_score(*r, name)) values.push_back(score->value);
      }
      text += fmt::format(" {} |", mean_text(mean_of(values)));
    }
    text += fmt::format(" {} |\n", i == order[0] ? "" : verdict(recipes[order[0]], runs));
  }
  std::string reals;
  for (const std::string& name : names) {
    std::vector<double> values;
    for (const StudyResult& r : results) {
      const Score* score = find_score(r, name);
      if (score != nullptr && !std::isnan(score->real)) values.push_back(score->real);
    }
    reals += fmt::format(" {} |", mean_text({mean_of(values).value, kNotKnown}));
  }
  return text + fmt::format("| real rows | | |{} |\n", reals);
}

std::string pass_table(const Study& study, const std::vector<StudyResult>& results,
                       const std::string& ranking) {
  StudyOptions o;
  apply_settings(study.shared, o);
  if (o.pass.empty()) return "";
  const auto passes = [&](const StudyResult& result, double threshold) {
    const Score* score = find_score(result, ranking);
    if (score == nullptr) return false;
    Score wanted = *score;
    wanted.value = threshold;
    return badness(*score) <= badness(wanted);
  };
  const size_t count = study.recipes.size();
  const auto names = [&](size_t set) {
    if (set == 0) return std::string("neither");
    if (set + 1 == size_t{1} << count) return std::string(count == 2 ? "both" : "all");
    std::string text = "only";
    for (size_t i = 0; i < count; ++i) {
      if (set >> i & 1) text += (text == "only" ? " " : ", ") + study.recipes[i].name;
    }
    return text;
  };
  std::string text = fmt::format("| {} reaches |", ranking), rule = "|--:|";
  if (count > 6) return "";  // too many sets of recipes for a table
  const auto order = [&] {   // only the first, only the second, ..., all, none
    std::vector<size_t> sets(size_t{1} << count);
    std::iota(sets.begin(), sets.end(), size_t{0});
    std::rotate(sets.begin(), sets.begin() + 1, sets.end());
    return sets;
  }();
  for (const size_t set : order) text += fmt::format(" {} |", names(set)), rule += "--:|";
  text += "\n" + rule + "\n";
  for (const double threshold : parse_numbers("pass", o.pass)) {
    std::map<std::pair<int64_t, int64_t>, size_t> sets;  // by draw and seed: who passes
    std::map<std::pair<int64_t, int64_t>, size_t> runs;
    for (const StudyResult& r : results) {
      ++runs[{r.draw, r.seed}];
      sets[{r.draw, r.seed}] |= passes(r, threshold) ? size_t{1} << r.recipe : 0;
    }
    text += fmt::format("| {} |", threshold);
    for (const size_t set : order) {
      text += fmt::format(" {} |", std::ranges::count_if(sets, [&](const auto& entry) {
                            return entry.second == set && runs[entry.first] == count;
                          }));
    }
    text += "\n";
  }
  return text;
}

}  // namespace wgan
