// What the verbs share: parsing arguments and lists of seeds.
#include "wgan/cli/verbs.h"

#include <fmt/format.h>

#include <iostream>

#include "wgan/core/options.h"

namespace wgan {
namespace {

constexpr uint64_t kMostSeeds = 1'000'000;

std::vector<std::string> flag_names(const CLI::App& command) {
  std::vector<std::string> names;
  for (const CLI::Option* option : command.get_options()) {
    for (const std::string& name : option->get_lnames()) names.push_back("--" + name);
  }
  for (const CLI::App* sub : command.get_subcommands([](const CLI::App*) { return true; })) {
    names.push_back(sub->get_name());
  }
  return names;
}

[[noreturn]] void refuse_extra(const CLI::App& command) {
  const CLI::App* inner = &command;
  while (!inner->get_subcommands().empty()) inner = inner->get_subcommands().front();
  const auto extra = command.remaining(true);
  std::string first = extra.empty() ? "" : extra.front();
  first = first.substr(0, first.find('='));
  const std::string near = nearest_name(first, flag_names(*inner));
  const bool flag = first.starts_with("-");
  throw Error(ErrorKind::kUsage,
              fmt::format("{} '{}'", flag ? "unknown flag" : "unexpected argument", first),
              near.empty() ? "see " + inner->get_display_name() + " --help"
                           : fmt::format("did you mean '{}'?", near));
}

}  // namespace

bool parse_arguments(CLI::App& command, const Arguments& arguments) {
  std::vector<std::string> reversed(arguments.rbegin(), arguments.rend());  // as CLI11 wants them
  try {
    command.parse(reversed);
    return true;
  } catch (const CLI::CallForHelp&) {
    const auto chosen = command.get_subcommands();
    std::cout << (chosen.empty() ? command : *chosen.front()).help();
    return false;
  } catch (const CLI::ExtrasError&) {
    refuse_extra(command);
  } catch (const CLI::ParseError& error) {
    throw Error(ErrorKind::kUsage, error.what(), "see " + command.get_display_name() + " --help");
  }
}

std::vector<uint64_t> parse_seeds(const std::string& text) {
  const auto refuse = [&](const char* wanted) {
    throw Error(ErrorKind::kUsage, fmt::format("--seeds: '{}' is not {}", text, wanted),
                "for example --seeds 0-63 or --seeds 1,5,9");
  };
  const auto number = [&](const std::string& part) {
    int64_t value = -1;
    try {
      read_field("--seeds", part, value);
    } catch (const Error&) {
      refuse("a list of seeds");
    }
    if (value < 0) refuse("a list of seeds");
    return static_cast<uint64_t>(value);
  };
  std::vector<uint64_t> seeds;
  std::string rest = text + ",";
  while (!rest.empty()) {
    const std::string part = rest.substr(0, rest.find(','));
    rest.erase(0, part.size() + 1);
    const size_t dash = part.find('-');
    const uint64_t first = number(part.substr(0, dash));
    const uint64_t last = dash == std::string::npos ? first : number(part.substr(dash + 1));
    if (last < first || last - first >= kMostSeeds - seeds.size()) {
      refuse("a rising range of at most a million seeds");
    }
    for (uint64_t seed = first; seed <= last; ++seed) seeds.push_back(seed);
  }
  return seeds;
}

}  // namespace wgan
