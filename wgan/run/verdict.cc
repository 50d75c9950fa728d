// The facts of a run, and the table of rules over them.
#include "wgan/run/verdict.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>

#include "wgan/core/amounts.h"
#include "wgan/core/counted.h"
#include "wgan/core/shell_word.h"
#include "wgan/io/json_lines.h"
#include "wgan/train/objective.h"

namespace wgan {
namespace {

using Json = nlohmann::ordered_json;

constexpr size_t kFewTicks = 10;
constexpr int64_t kFewSteps = 500;    // before, nothing is said
constexpr int64_t kManySteps = 2000;  // W should have come down by then

// The middle of values, and how far the middle of others like them would lie from it.
struct Middle {
  double value = 0;
  double error = 0;
};

double middle_of(std::vector<double> values) {
  if (values.empty()) return 0;
  const auto middle = values.begin() + static_cast<int64_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

// Of values from `from` to `to`, as shares of their number. The standard error of a median is about
// 1.25 deviations by the root of the number, a deviation 1.48 median absolute deviations.
Middle middle_between(const std::vector<double>& values, double from, double to) {
  const auto size = static_cast<double>(values.size());
  const auto first = static_cast<int64_t>(std::floor(size * from));
  const auto last = std::max(first + 1, static_cast<int64_t>(std::floor(size * to)));
  std::vector<double> part(values.begin() + first,
                           values.begin() + std::min<int64_t>(last, std::ssize(values)));
  Middle found{.value = middle_of(part)};
  for (double& value : part) value = std::abs(value - found.value);
  found.error = 1.25 * 1.48 * middle_of(part) / std::sqrt(static_cast<double>(part.size()));
  return found;
}

// How a curve ended: its last fifth beside the fifth before.
enum class Course { kFalling, kLevel, kRising };

Course course_of(const std::vector<double>& values) {
  constexpr double kLeast = 0.03, kErrors = 2;  // of the value; of the standard errors
  const Middle before = middle_between(values, 0.6, 0.8), end = middle_between(values, 0.8, 1);
  const double change = end.value - before.value;
  const double noise = kErrors * std::hypot(before.error, end.error);
  if (std::abs(change) <= std::max(noise, kLeast * std::abs(before.value))) return Course::kLevel;
  return change < 0 ? Course::kFalling : Course::kRising;
}

// What the rules look at.
struct Facts {
  const RunStory& story;
  std::vector<double> w = {};      // of each tick
  bool has_w = false;              // W is what the critic estimates; else the next five say nothing
  Course course = Course::kLevel;  // of W
  double height = 0;               // the largest tenth of W
  double start = 0, before = 0, now = 0;  // W's first tenth, and its last two fifths
  const Finding* trouble = nullptr;       // a diagnosis that held at the end
  const Evaluated *best = nullptr, *last = nullptr;

  const Tick& tick() const { return story.ticks.back(); }
  const TrainOptions& options() const { return story.options; }
};

// Of diagnoses that held at the end the first in this order; an outlier passes.
const Finding* trouble_of(const RunStory& story) {
  const int64_t end = story.ticks.back().step;
  for (const char* name : {"collapsed", "vanished", "saturated", "slope", "weak"}) {
    for (const Finding& finding : story.findings) {
      if (finding.diagnosis.name == name && finding.last_step >= end) return &finding;
    }
  }
  return nullptr;
}

Facts facts_of(const RunStory& story) {
  Facts facts{.story = story};
  if (story.ticks.empty()) return facts;
  facts.trouble = trouble_of(story);
  if (!story.evaluated.empty()) {
    facts.best = &*std::ranges::min_element(story.evaluated, {}, &Evaluated::badness);
    facts.last = &story.evaluated.back();
  }
  const TrainOptions& o = story.options;
  if (!estimates_distance(o.objective.kind, o.penalty.kind)) return facts;
  for (const Tick& tick : story.ticks) {
    if (std::isfinite(tick.wasserstein)) facts.w.push_back(tick.wasserstein);
  }
  if (facts.w.empty()) return facts;
  facts.has_w = true;
  facts.course = course_of(facts.w);
  facts.height = -std::numeric_limits<double>::infinity();
  for (int tenth = 0; tenth < 10; ++tenth) {
    facts.height =
        std::max(facts.height, middle_between(facts.w, tenth / 10.0, (tenth + 1) / 10.0).value);
  }
  facts.start = middle_between(facts.w, 0, 0.1).value;
  facts.before = middle_between(facts.w, 0.6, 0.8).value;
  facts.now = middle_between(facts.w, 0.8, 1).value;
  return facts;
}

// --- Texts.
// ----------------------------------------------------------------------------------------

std::string step_text(int64_t step) { return count_text(static_cast<double>(step)); }

const char* when(const Facts& f) {
  switch (f.story.end) {
    case TrainEnd::kSteps:
      return "when the steps were done";
    case TrainEnd::kTime:
      return "when the time was up";
    case TrainEnd::kStopped:
      return "when the run was stopped";
    case TrainEnd::kPatience:
      return "when the patience was at an end";
  }
  return "at the end";
}

// The command by which a run goes on, beyond its end by as much again.
std::string go_on(const Facts& f) {
  const std::string command = "wgan train --resume " + shell_path(f.story.run);
  if (f.story.end == TrainEnd::kStopped) return command;
  const Duration time = f.options().length.time;
  return command + " --extend " +
         (f.story.end == TrainEnd::kTime && time.seconds > 0
              ? format_duration({std::ceil(time.seconds)})
              : shell_word(counted(f.tick().step, "step")));
}

std::string look(const Facts& f) {
  return fmt::format("look at {}/samples beside {}/reals.png", f.story.run, f.story.run);
}

// The score of samples, and of real rows beside it.
std::string score_text(const Evaluated& e) {
  return std::isfinite(e.real) ? fmt::format("{} {:.4g}, real rows {:.4g}", e.name, e.value, e.real)
                               : fmt::format("{} {:.4g}", e.name, e.value);
}

// Both learning rates, a third of what they are.
std::string slower(const Facts& f) {
  const OptimizerOptions& o = f.options().optimizer;
  return fmt::format("--critic-lr {:.2g} --generator-lr {:.2g}", o.critic_lr.start / 3,
                     o.generator_lr.start / 3);
}

// --- Rules.
// ----------------------------------------------------------------------------------------

bool scored(const Facts& f) { return f.story.evaluated.size() >= 3; }

bool score_improved(const Facts& f) {
  const int64_t late = f.last->step * 4 / 5;
  double before = std::numeric_limits<double>::infinity();
  for (const Evaluated& e : f.story.evaluated) {
    if (e.step < late) before = std::min(before, e.badness);
  }
  return f.best->step >= late && f.best->badness < before - 0.1 * std::abs(before);
}

bool hardly_down(const Facts& f) { return f.now > 0.7 * f.height; }

struct Rule {
  const char* name;
  bool (*holds)(const Facts&);
  std::string (*text)(const Facts&);
  std::string (*advice)(const Facts&);
};

const Rule kRules[] = {
    {"short",
     [](const Facts& f) { return f.story.ticks.size() < kFewTicks || f.tick().step < kFewSteps; },
     [](const Facts&) { return std::string("The run was too short to judge."); },
     [](const Facts& f) {
       return f.story.end == TrainEnd::kStopped ? "go on with " + go_on(f)
                                                : std::string("train longer: --time 10m");
     }},
    {"sick", [](const Facts& f) { return f.trouble != nullptr; },
     [](const Facts& f) {
       return fmt::format("Something was wrong to the end ({}): {}.", f.trouble->diagnosis.name,
                          f.trouble->diagnosis.text);
     },
     [](const Facts& f) { return f.trouble->diagnosis.remedy; }},
    {"unbounded",
     [](const Facts& f) {
       return f.has_w && f.course == Course::kRising && f.now > 20 * std::max(f.start, 1e-6);
     },
     [](const Facts& f) {
       return fmt::format(
           "W grew from {:.3g} to {:.3g} and was still growing: the critic's slope is not kept in "
           "bounds.",
           f.start, f.now);
     },
     [](const Facts& f) {
       return f.options().objective.kind == Objective::kWgan
                  ? fmt::format("a smaller --clip, such as {:.2g}, or --objective wgan-gp",
                                f.options().penalty.clip / 10)
                  : std::string("a larger --lambda (10 is usual), or smaller learning rates: ") +
                        slower(f);
     }},
    {"overrun",
     [](const Facts& f) {
       return scored(f) && f.best->step < f.last->step * 4 / 5 &&
              f.last->badness > f.best->badness + 0.5 * std::abs(f.best->badness);
     },
     [](const Facts& f) {
       return fmt::format("Samples were best at step {} ({}) and have become worse since ({}).",
                          step_text(f.best->step), score_text(*f.best), score_text(*f.last));
     },
     [](const Facts& f) {
       return fmt::format(
           "use the best checkpoint: wgan sample {}; smaller learning rates may keep it: {}",
           shell_path(f.story.run + "/checkpoints/best"), slower(f));
     }},
    {"close",
     [](const Facts& f) {  // of scores where lower is better
       return scored(f) && f.last->badness == f.last->value && f.last->value <= 1.2 * f.last->real;
     },
     [](const Facts& f) {
       return fmt::format("Samples are about as close to the data as other real rows are ({}).",
                          score_text(*f.last));
     },
     [](const Facts& f) {
       return fmt::format("wgan evaluate {} measures with more samples and other scores",
                          shell_path(f.story.run));
     }},
    {"improving",
     [](const Facts& f) {
       return scored(f) ? score_improved(f) : f.has_w && f.course == Course::kFalling;
     },
     [](const Facts& f) {
       if (scored(f))
         return fmt::format("Samples were still getting better {} ({}).", when(f),
                            score_text(*f.last));
       return fmt::format("W was still falling {}: {:.3g}, a fifth of the run before {:.3g}.",
                          when(f), f.now, f.before);
     },
     [](const Facts& f) { return "go on with " + go_on(f); }},
    {"learning",
     [](const Facts& f) { return f.has_w && !scored(f) && f.course == Course::kRising; },
     [](const Facts& f) {
       return fmt::format(
           "W was still rising {}: {:.3g}, a fifth of the run before {:.3g}. The critic finds new "
           "differences; samples may become better all the same.",
           when(f), f.now, f.before);
     },
     [](const Facts& f) {
       return look(f) + "; where they still become better, go on with " + go_on(f);
     }},
    {"stuck",
     [](const Facts& f) {
       return f.has_w && !scored(f) && f.tick().step >= kManySteps && hardly_down(f);
     },
     [](const Facts& f) {
       return fmt::format(
           "W has hardly come down: {:.3g}, at its highest {:.3g}. The generator does not catch up "
           "with the critic.",
           f.now, f.height);
     },
     [](const Facts& f) { return "smaller learning rates: " + slower(f) + ", or another --seed"; }},
    {"level", [](const Facts& f) { return f.has_w || scored(f); },
     [](const Facts& f) {
       if (scored(f))
         return fmt::format("Samples no longer became better at the end ({}; best at step {}).",
                            score_text(*f.last), step_text(f.best->step));
       if (hardly_down(f)) {
         return fmt::format("W was level at the end, at {:.3g}, and has not come down yet.", f.now);
       }
       return fmt::format("W came down from {:.3g} to {:.3g} and was level at the end.", f.height,
                          f.now);
     },
     [](const Facts& f) {
       return look(f) +
              (f.options().optimizer.lr_decay && f.story.end != TrainEnd::kStopped
                   ? "; the learning rates had fallen to 0: a longer run may gain more (" +
                         go_on(f) + ")"
                   : std::string("; if they are not good enough, try a larger --width"));
     }},
    {"unmeasured", [](const Facts&) { return true; },
     [](const Facts& f) {
       return fmt::format("The losses of {} do not say how good samples are.",
                          enum_name(f.options().objective.kind));
     },
     [](const Facts& f) {
       return fmt::format("{}, or measure them: wgan evaluate {}", look(f),
                          shell_path(f.story.run));
     }},
};

// What else is worth a sentence; empty: nothing.
std::string remark(const Facts& f) {
  if (f.story.rows == 0 || f.story.ticks.empty()) return "";
  constexpr int64_t kFewRows = 1000;
  constexpr double kOften = 50, kSeldom = 2;
  const char* rows = f.story.pictures ? "pictures" : "rows";
  const double epochs = f.tick().epoch;
  if (f.story.rows < kFewRows && epochs > kOften) {
    return fmt::format(
        " The critic has seen each of the only {} {} {:.0f} times, and may know them by heart{}.",
        f.story.rows, rows, epochs,
        f.story.pictures && !f.options().batches.mirror ? ": --mirror and more pictures help" : "");
  }
  if (epochs < kSeldom) {
    return fmt::format(" It has seen {} {}: each of the data's {} {:.1f} times.",
                       count_text(static_cast<double>(f.tick().images)), rows,
                       count_text(static_cast<double>(f.story.rows)), epochs);
  }
  return "";
}

}  // namespace

std::vector<Evaluated> read_evaluated(const std::filesystem::path& run, const std::string& score) {
  std::vector<Evaluated> found;
  const std::filesystem::path file = run / "evaluations.jsonl";
  if (!std::filesystem::exists(file)) return found;
  const auto number = [](const Json& json, const char* key) {
    const auto at = json.find(key);
    return at != json.end() && at->is_number() ? at->get<double>()
                                               : std::numeric_limits<double>::quiet_NaN();
  };
  for (const Json& line : read_json_lines(file)) {
    const auto scores = line.find("scores");
    if (scores == line.end() || !scores->is_array()) continue;
    for (const Json& one : *scores) {
      if (!one.is_object() || one.value("name", "") != score) continue;
      const auto step = line.find("step");
      if (step == line.end() || !step->is_number_integer()) continue;
      const Evaluated e{.step = step->get<int64_t>(),
                        .name = score,
                        .value = number(one, "value"),
                        .real = number(one, "real"),
                        .badness = number(line, "badness")};
      if (std::isfinite(e.value) && std::isfinite(e.badness)) found.push_back(e);
    }
  }
  return found;
}

Verdict verdict(const RunStory& story) {
  const Facts facts = facts_of(story);
  const Rule& rule = *std::ranges::find_if(kRules, [&](const Rule& r) { return r.holds(facts); });
  return {rule.name, rule.text(facts) + remark(facts), rule.advice(facts)};
}

Json verdict_to_json(const Verdict& verdict) {
  return {{"name", verdict.name}, {"text", verdict.text}, {"advice", verdict.advice}};
}

}  // namespace wgan
