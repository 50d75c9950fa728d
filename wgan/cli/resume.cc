// Options of a resumed run: speed, length and what is shown may change, results may not.
#include "wgan/cli/resume.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "wgan/core/counted.h"
#include "wgan/data/open.h"
#include "wgan/train/extension.h"

namespace wgan {
namespace {

// Whether what changes over the run depends on the option.
bool shapes_schedule(const std::string& name, const TrainOptions& o) {
  return (o.optimizer.lr_decay || o.stabilisers.instance_noise > 0 || has_ramps(o)) &&
         (name == "steps" || (name == "time" && o.length.steps == 0));
}

// Why the option cannot change, or "".
std::string objection(const Field& field, const CheckpointState& state, const TrainOptions& run) {
  const std::string& name = field.name;
  if (name == "data") return "";  // the same data may lie elsewhere; their identity is compared
  if (name == "out" || name == "name") return "the run has its folder";
  if (field.effect == Effect::kResult) return "it changes the results";
  const bool length = name == "steps" || name == "time";
  if (length && state.part.number > 0) return "the run is beyond it";
  if (shapes_schedule(name, run)) {
    if (run.optimizer.lr_decay) return "the decay of the learning rates depends on it";
    return has_ramps(run) ? "options that change over the run depend on it"
                          : "the decay of the instance noise depends on it";
  }
  return "";
}

// Takes the extension out of the settings, and adds it to the run. Returns the change, or "".
std::string extend(Settings& settings, CheckpointState& state) {
  std::string& extensions = state.options.train.length.extend;
  std::string added;
  for (const Setting& setting : settings) {
    if (setting.name == "extend") added = extensions_text(parse_extensions(setting.text));
  }
  std::erase_if(settings, [](const Setting& s) { return s.name == "extend"; });
  if (added.empty()) return "";
  extensions += (extensions.empty() ? "" : " + ") + added;
  state.patience_from = state.step;
  return "extended by " + added;
}

// Throws where the last part of the run has as many steps as it is to have.
void check_unfinished(const CheckpointState& state) {
  const std::vector<PartLength> parts = parts_of(state.options.train.length);
  const int64_t steps = parts.back().steps;
  const bool last = state.part.number + 1 == std::ssize(parts);
  if (!last || steps == 0 || state.step - state.part.step < steps) return;
  throw Error(ErrorKind::kUsage,
              fmt::format("the run is done: {} of {}", state.step,
                          counted(state.part.step + steps, "step")),
              "--extend 10m or --extend '2000 steps' trains it on");
}

}  // namespace

std::vector<std::string> change_options(Settings settings, CheckpointState& state) {
  std::vector<std::string> changes, refusals;
  if (const std::string added = extend(settings, state); !added.empty()) changes.push_back(added);
  const TrainOptions run = state.options.train;
  Fields fields = state.data_options.fields();
  for (Field& field : state.options.fields()) fields.push_back(std::move(field));
  for (const Field& field : fields) {
    const std::string before = field.text();
    apply_settings(settings, Fields{field});
    const std::string after = field.text();
    if (after == before) continue;
    if (field.name == "data" && absolute_data(after) == absolute_data(before)) continue;
    const std::string why = objection(field, state, run);
    if (why.empty()) {
      changes.push_back(fmt::format("{}: {} -> {}", field.name, before, after));
    } else {
      refusals.push_back(
          fmt::format("--{} is {} in the run and {} here ({})", field.name, before, after, why));
    }
  }
  if (!refusals.empty()) {
    throw Error(ErrorKind::kUsage,
                fmt::format("a resumed run keeps its options: {}", fmt::join(refusals, "; ")),
                "leave them out; --extend makes the run longer, --from starts a new one from its "
                "weights");
  }
  check_unfinished(state);
  return changes;
}

}  // namespace wgan
