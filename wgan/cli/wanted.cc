// Classes by name or number, conditions from text or from a file.
#include "wgan/cli/wanted.h"

#include <fmt/format.h>
#include <torch/types.h>

#include <string_view>
#include <vector>

#include "wgan/core/counted.h"
#include "wgan/core/options.h"
#include "wgan/data/numbers.h"
#include "wgan/run/load_generator.h"

namespace wgan {
namespace {

at::Tensor condition_of_text(const std::string& text) {
  std::vector<double> numbers;
  const std::string closed = text + ",";
  for (std::string_view rest = closed; !rest.empty();) {
    const std::string_view part = rest.substr(0, rest.find(','));
    rest.remove_prefix(part.size() + 1);
    read_field("--condition", part, numbers.emplace_back());
  }
  return torch::tensor(numbers, torch::kFloat64).view({1, -1});
}

at::Tensor conditions_of_file(const std::string& file) {
  const ArraySource source{map_npy(file), file};
  check_numbers(source);
  const at::Tensor rows =
      torch::empty({source.array.shape[0], row_length(source.array)}, torch::kFloat64);
  read_numbers(source.array, 0, {rows.data_ptr<double>(), static_cast<size_t>(rows.numel())});
  return rows;
}

// Of conditions beyond the data's range, widened by half of it on each side: a generator has seen
// nothing near.
void warn_of_far(const Generator& generator, const at::Tensor& wanted, Terminal& terminal) {
  const at::Tensor known = conditions_of_data(generator);
  if (!known.defined() || wanted.dim() != 2 || wanted.size(1) != known.size(1)) return;
  const at::Tensor low = known.amin(0), high = known.amax(0), margin = (high - low) / 2;
  const at::Tensor far = (wanted < low - margin).logical_or(wanted > high + margin);
  if (!far.any().item<bool>()) return;
  const at::Tensor first = far.nonzero()[0];
  const auto row = first[0].item<int64_t>(), column = first[1].item<int64_t>();
  const int64_t rows = far.any(1).sum().item<int64_t>();
  terminal.warning(fmt::format(
      "{} far outside the data's: number {} of condition {} is {:.4g}, and the data's go from "
      "about "
      "{:.4g} to {:.4g}; the generator has learned nothing of such samples",
      counted(rows, "condition is", "conditions are"), column + 1, row + 1,
      wanted[row][column].item<double>(), low[column].item<double>(), high[column].item<double>()));
}

}  // namespace

void add_wanted_flags(CLI::App& command, WantedFlags& flags) {
  command.add_option("--class", flags.class_name,
                     "class of all samples, by name or number (generators conditioned on classes)");
  CLI::Option* condition = command.add_option(
      "--condition", flags.condition,
      "condition of all samples, such as 1.5,0.2 (generators conditioned on numbers); default: "
      "those of rows of the data");
  command
      .add_option("--conditions", flags.conditions,
                  "NPY file [N,K] of numbers: one condition per seed")
      ->excludes(condition);
  command
      .add_option(
          "--truncation", flags.truncation,
          "above 0 to 1: draw each latent vector so many times as far from the middle; less "
          "variety, and often better samples")
      ->capture_default_str();
}

Wanted wanted_of(const WantedFlags& flags, Generator& generator, Terminal& terminal) {
  Wanted wanted{.truncation = flags.truncation};
  if (!flags.class_name.empty()) wanted.class_number = class_number(generator, flags.class_name);
  if (!flags.condition.empty()) wanted.conditions = condition_of_text(flags.condition);
  if (!flags.conditions.empty()) wanted.conditions = conditions_of_file(flags.conditions);
  if (wanted.conditions.defined()) {
    warn_of_far(generator, wanted.conditions, terminal);
  } else {
    fetch_conditions(generator);
  }
  return wanted;
}

}  // namespace wgan
