// What the verbs share: parsing arguments and lists of seeds.
#include "wgan/cli/verbs.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <iostream>
#include <memory>
#include <sstream>
#include <string_view>
#include <utility>

#include "wgan/core/options.h"

namespace wgan {
namespace {

constexpr uint64_t kMostSeeds = 1'000'000;

std::vector<std::string> flag_names(const CLI::App& command) {
  std::vector<std::string> names;
  for (const CLI::Option* option : command.get_options()) {
    for (const std::string& name : option->get_lnames()) names.push_back("--" + name);
  }
  if (!command.get_subcommands([](const CLI::App*) { return true; }).empty()) names.clear();
  for (const CLI::App* sub : command.get_subcommands([](const CLI::App*) { return true; })) {
    names.push_back(sub->get_name());
  }
  return names;
}

// Help that fits into 80 columns, with defaults behind the descriptions.
class HelpFormatter : public CLI::Formatter {
 public:
  std::string make_option_opts(const CLI::Option* option) const override {
    const std::string type = option->get_type_name();
    return (type.empty() ? "" : " " + type) + (option->get_required() ? " (required)" : "");
  }

  std::string make_option_desc(const CLI::Option* option) const override {
    const std::string value = option->get_default_str();
    return wrapped(option->get_description() + (value.empty() ? "" : " [" + value + "]"), kRight);
  }

  std::string make_description(const CLI::App* command) const override {
    return wrapped(command->get_description(), kWhole) + "\n";
  }

 private:
  static constexpr size_t kWhole = 80;
  static constexpr size_t kRight = 50;  // of the names, which take 30

  static std::string wrapped(const std::string& text, size_t width) {
    std::string lines;
    size_t column = 0;
    std::istringstream words(text);
    for (std::string word; words >> word; column += word.size() + 1) {
      if (column > 0 && column + word.size() > width) {
        lines += '\n';
        column = 0;
      }
      lines += (column > 0 ? " " : "") + word;
    }
    return lines;
  }
};

void use_formatter(CLI::App& command) {
  command.formatter(std::make_shared<HelpFormatter>());
  for (CLI::App* sub : command.get_subcommands([](CLI::App*) { return true; })) use_formatter(*sub);
}

// "did you mean ...?" for a name that is not known, or where to look.
std::string name_hint(const std::string& text, const CLI::App& command, const std::string& help) {
  const auto names = flag_names(command);
  if (const std::string near = nearest_name(text, names); !near.empty()) {
    return fmt::format("did you mean '{}'?", near);
  }
  const std::string core = text.substr(std::min(text.find_first_not_of('-'), text.size()));
  std::vector<std::string> holding;
  for (const std::string& name : names) {
    if (name.starts_with("--no-") || core.size() < 2) continue;
    if (name.find(core) != std::string::npos) holding.push_back(name);
  }
  return holding.empty() ? "see " + help
                         : fmt::format("did you mean {}?", fmt::join(holding, " or "));
}

// The subcommand that was chosen, or the command itself, and the way to its help.
std::pair<const CLI::App*, std::string> innermost(const CLI::App& command) {
  const auto chosen = command.get_subcommands();
  if (chosen.empty()) return {&command, command.get_display_name() + " --help"};
  return {chosen.front(),
          command.get_display_name() + " " + chosen.front()->get_name() + " --help"};
}

[[noreturn]] void refuse_extra(const CLI::App& command) {
  const auto [inner, help] = innermost(command);
  const auto extra = command.remaining(true);
  std::string first = extra.empty() ? "" : extra.front();
  first = first.substr(0, first.find('='));
  throw Error(ErrorKind::kUsage,
              fmt::format("{} '{}'",
                          first.starts_with("-") ? "unknown flag" : "unexpected argument", first),
              name_hint(first, *inner, help));
}

[[noreturn]] void refuse_missing(const CLI::App& command, const Arguments& arguments) {
  const auto [inner, help] = innermost(command);
  const std::string name = help.substr(0, help.rfind(' '));
  for (const CLI::Option* option : inner->get_options()) {
    if (!option->get_required() || option->count() > 0) continue;
    throw Error(ErrorKind::kUsage,
                fmt::format("{}: {} is missing", name, option->get_name(/*positional=*/true)),
                fmt::format("give {} (see {})", option->get_description(), help));
  }
  const auto verbs = flag_names(command);
  if (arguments.empty()) {
    throw Error(ErrorKind::kUsage, fmt::format("{} wants one of {}", name, fmt::join(verbs, ", ")),
                "see " + help);
  }
  throw Error(ErrorKind::kUsage,
              fmt::format("{} '{}' is not known, wanted one of {}", name, arguments.front(),
                          fmt::join(verbs, ", ")),
              name_hint(arguments.front(), command, help));
}

}  // namespace

bool parse_arguments(CLI::App& command, const Arguments& arguments) {
  use_formatter(command);
  std::vector<std::string> reversed(arguments.rbegin(), arguments.rend());  // as CLI11 wants them
  try {
    command.parse(reversed);
    return true;
  } catch (const CLI::CallForHelp&) {
    std::cout << command.help();
    return false;
  } catch (const CLI::ExtrasError&) {
    refuse_extra(command);
  } catch (const CLI::RequiredError&) {
    refuse_missing(command, arguments);
  } catch (const CLI::ParseError& error) {
    throw Error(ErrorKind::kUsage, error.what(), "see " + innermost(command).second);
  }
}

std::vector<uint64_t> parse_seeds(const std::string& text) {
  const auto refuse = [&](const char* wanted) {
    throw Error(ErrorKind::kUsage, fmt::format("--seeds: '{}' is not {}", text, wanted),
                "for example --seeds 0-63 or --seeds 1,5,9");
  };
  const auto number = [&](std::string_view part) {
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
  const std::string closed = text + ",";
  for (std::string_view rest = closed; !rest.empty();) {
    const std::string_view part = rest.substr(0, rest.find(','));
    rest.remove_prefix(part.size() + 1);
    const size_t dash = part.find('-');
    const uint64_t first = number(part.substr(0, dash));
    const uint64_t last = dash == std::string_view::npos ? first : number(part.substr(dash + 1));
    if (last < first || last - first >= kMostSeeds - seeds.size()) {
      refuse("a rising range of at most a million seeds");
    }
    for (uint64_t seed = first; seed <= last; ++seed) seeds.push_back(seed);
  }
  return seeds;
}

}  // namespace wgan
