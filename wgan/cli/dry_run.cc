// Measured for a moment, and told.
#include "wgan/cli/dry_run.h"

#include <fmt/format.h>

#include <map>

#include "wgan/core/counted.h"
#include "wgan/data/open.h"
#include "wgan/net/describe.h"
#include "wgan/net/network_json.h"
#include "wgan/net/slots.h"
#include "wgan/run/device.h"

namespace wgan {
namespace {

using Json = nlohmann::ordered_json;

// Options that a person gave and that the recipe has otherwise, as flags, with where they came
// from.
struct Given {
  std::string flag;
  std::string source;
};

std::vector<Given> beyond_recipe(const DryRun& run) {
  const TrainOptions& o = run.options.train;
  SessionOptions plain;
  plain.train = recipe_options(o.recipe, o.objective.kind, run.dataset, o.players.net);
  // What chooses the recipe's values is told where it is no default itself.
  const TrainOptions fast = default_options(run.dataset);
  plain.train.recipe = fast.recipe;
  plain.train.objective.kind = fast.objective.kind;
  plain.train.players.net = fast.players.net;
  DataOptions plain_data;
  plain_data.data = run.data_options.data;  // is told above
  std::map<std::string, std::string> of_recipe;
  for (const Fields& fields : {plain_data.fields(), plain.fields()}) {
    for (const Field& field : fields) of_recipe[field.name] = field.text();
  }
  std::vector<Given> found;
  DataOptions data = run.data_options;
  SessionOptions options = run.options;
  for (const Fields& fields : {data.fields(), options.fields()}) {
    for (const Field& field : fields) {
      const std::string text = field.text();
      const auto source = run.sources.find(field.name);
      if (text == of_recipe[field.name] || source == run.sources.end()) continue;
      if (source->second == "recipe") continue;  // --steps, where --time is given
      found.push_back({field.type != Field::Type::kFlag ? fmt::format("--{} {}", field.name, text)
                       : text == "true"                 ? "--" + field.name
                                                        : "--no-" + field.name,
                       source->second});
    }
  }
  return found;
}

size_t option_count() {
  DataOptions data;
  SessionOptions options;
  return data.fields().size() + options.fields().size();
}

std::string time_text(const Outlook& o) {
  if (o.seconds < 0) return "no end: give --time or --steps";
  const double step = o.need.seconds_per_step;
  const auto steps = static_cast<double>(o.steps);
  return fmt::format(
      "{}{}: {} {} of {} (measured)", o.timed ? "" : "about ", duration_text(o.seconds),
      o.timed ? "about " + rough_text(steps) : count_text(steps), noun(o.steps, "step"),
      step < 1 ? fmt::format("{:.3g} ms", 1e3 * step) : fmt::format("{:.3g} s", step));
}

std::string rows_text(const Outlook& o, const Dataset& dataset) {
  const std::string count = o.timed ? "about " + rough_text(o.rows) : count_text(o.rows);
  if (dataset.endless) return count + ", each of them new";
  return fmt::format("{}: each of the {} is seen {:.3g} times", count,
                     count_text(static_cast<double>(dataset.size)), o.epochs);
}

std::string memory_text(const Estimate& need) {
  std::string text = "about " + bytes_text(need.memory_bytes);
  if (need.free_bytes > 0)
    text += fmt::format(" of the {} that are free", bytes_text(need.free_bytes));
  return text;
}

void tell_options(const DryRun& run, Terminal& terminal) {
  const auto given = beyond_recipe(run);
  const std::string all = fmt::format("all {}: --dry-run --verbose", option_count());
  if (given.empty()) {
    terminal.result(fmt::format("\nall options are those of recipe fast ({})", all));
    return;
  }
  terminal.result(fmt::format(
      "\noptions other than those of recipe {} ({}):", enum_name(run.options.train.recipe), all));
  for (const Given& option : given) {
    terminal.result(option.source == "flag"
                        ? "  " + option.flag
                        : fmt::format("  {:<30} from the {}", option.flag, option.source));
  }
}

}  // namespace

int dry_run(const DryRun& run, bool verbose, Terminal& terminal) {
  const Networks networks = build_networks(run.options.train, run.dataset);
  const Outlook expected =
      outlook(run.dataset, run.options, is_picture_source(run.data_options.data), run.taken);
  const auto sentences = advice(expected, run.options);
  terminal.result("time:     " + time_text(expected));
  if (expected.seconds >= 0) {
    terminal.result(fmt::format("{:<9} {}", run.dataset.is_image() ? "pictures:" : "rows:",
                                rows_text(expected, run.dataset)));
  }
  terminal.result("memory:   " + memory_text(expected.need));
  terminal.result(
      fmt::format("networks: {} on {}; {} parameters in the generator, {} in the critic",
                  enum_name(run.options.train.players.net), resolve_device(run.options.run.device),
                  count_text(static_cast<double>(parameter_count(networks.generator))),
                  count_text(static_cast<double>(parameter_count(networks.critic)))));
  const char* label = "advice:   ";
  for (const std::string& sentence : sentences) {
    terminal.result(label + sentence);
    label = "          ";
  }
  if (verbose) {
    terminal.result("\n" + options_to_toml(run.data_options, run.options, run.sources));
    terminal.result(describe_table(networks.generator, "generator"));
    terminal.result(describe_table(networks.critic, "critic"));
  } else {
    tell_options(run, terminal);
  }
  Json beyond = Json::array();
  for (const Given& option : beyond_recipe(run)) beyond.push_back(option.flag);
  terminal.object({{"ok", true},
                   {"options", options_to_json(run.options)},
                   {"data_options", options_to_json(run.data_options)},
                   {"beyond_recipe", beyond},
                   {"generator", network_to_json(networks.generator)},
                   {"critic", network_to_json(networks.critic)},
                   {"parameters", expected.need.parameters},
                   {"memory_bytes", expected.need.memory_bytes},
                   {"seconds_per_step", expected.need.seconds_per_step},
                   {"steps", expected.steps},
                   {"seconds", expected.seconds < 0 ? Json() : Json(expected.seconds)},
                   {"images", expected.rows},
                   {"epochs", expected.epochs},
                   {"advice", sentences}});
  return 0;
}

}  // namespace wgan
