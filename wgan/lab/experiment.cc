// What experiments ask of their settings and outcomes.
#include "wgan/lab/experiment.h"

#include <algorithm>

namespace wgan {

std::vector<double> number_list(const ExperimentOptions& options, const std::string& name) {
  return parse_numbers("--" + name, options.settings.at(name));
}

bool Outcome::holds() const { return std::ranges::all_of(checks, &Check::holds); }

std::map<std::string, std::string> default_settings(const Experiment& experiment) {
  std::map<std::string, std::string> settings;
  for (const ExperimentSetting& setting : experiment.settings) {
    settings[setting.name] = setting.text;
  }
  return settings;
}

}  // namespace wgan
