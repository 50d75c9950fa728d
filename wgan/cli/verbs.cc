// What the verbs share: parsing arguments and lists of seeds.
#include "wgan/cli/verbs.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <filesystem>
#include <iostream>
#include <memory>
#include <sstream>
#include <string_view>
#include <utility>

#include "wgan/cli/foreign.h"
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

// The option of this name, "--seeds", of the command or of any of its subcommands, or nullptr.
const CLI::Option* known_option(const CLI::App& command, const std::string& name) {
  if (const CLI::Option* option = command.get_option_no_throw(name)) return option;
  for (const CLI::App* sub : command.get_subcommands([](const CLI::App*) { return true; })) {
    if (const CLI::Option* option = sub->get_option_no_throw(name)) return option;
  }
  return nullptr;
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

// The subcommand that was chosen, or the command itself, and its name, "wgan data inspect".
std::pair<const CLI::App*, std::string> innermost(const CLI::App& command) {
  const auto chosen = command.get_subcommands();
  if (chosen.empty()) return {&command, command.get_display_name()};
  return {chosen.front(), command.get_display_name() + " " + chosen.front()->get_name()};
}

// What does here what other programs call so, or the nearest name, or where to look.
std::string name_hint(const std::string& text, const CLI::App& command, const std::string& name) {
  const size_t verb = std::min(name.find(' ') + 1, name.size());
  if (std::string hint = foreign_hint(name.substr(verb), text); !hint.empty()) return hint;
  const std::string near = nearest_name(text, flag_names(command));
  return near.empty() ? fmt::format("see {} --help", name)
                      : fmt::format("did you mean '{}'?", near);
}

[[noreturn]] void refuse_extra(const CLI::App& command) {
  const auto [inner, name] = innermost(command);
  const auto extra = command.remaining(true);
  std::string first = extra.empty() ? "" : extra.front();
  first = first.substr(0, first.find('='));
  if (!first.starts_with("-")) {
    throw Error(ErrorKind::kUsage, fmt::format("unexpected argument '{}'", first),
                fmt::format("see {} --help", name));
  }
  throw Error(ErrorKind::kUsage, fmt::format("unknown flag '{}'", first),
              name_hint(first, *inner, name));
}

[[noreturn]] void refuse_missing(const CLI::App& command, const Arguments& arguments) {
  const auto [inner, name] = innermost(command);
  for (const CLI::Option* option : inner->get_options()) {
    if (!option->get_required() || option->count() > 0) continue;
    const std::string missing = option->get_name(/*positional=*/option->get_positional());
    throw Error(ErrorKind::kUsage, fmt::format("{}: {} is missing", name, missing),
                fmt::format("give {} (see {} --help)", option->get_description(), name));
  }
  const auto verbs = flag_names(command);
  if (arguments.empty()) {
    throw Error(ErrorKind::kUsage, fmt::format("{} wants one of {}", name, fmt::join(verbs, ", ")),
                fmt::format("see {} --help", name));
  }
  throw Error(ErrorKind::kUsage,
              fmt::format("{} '{}' is not known, wanted one of {}", name, arguments.front(),
                          fmt::join(verbs, ", ")),
              name_hint(arguments.front(), command, name));
}

// Throws where a flag that takes no value stands before one, as in --mirror 1, which would be taken
// for an argument of its own. Something on the disk that has this name is one.
void refuse_values_of_flags(const CLI::App& command, const Arguments& arguments) {
  const std::array yes{"1", "true", "True", "yes", "on"}, no{"0", "false", "False", "no", "off"};
  for (size_t i = 1; i < arguments.size(); ++i) {
    const std::string &flag = arguments[i - 1], &value = arguments[i];
    const bool on = std::ranges::find(yes, value) != yes.end();
    if (!on && std::ranges::find(no, value) == no.end()) continue;
    const CLI::Option* option = flag.starts_with("--") ? known_option(command, flag) : nullptr;
    if (option == nullptr || option->get_items_expected_max() > 0) continue;
    if (std::filesystem::exists(value)) continue;
    const std::string other = "--no-" + flag.substr(2);
    const bool has_other = known_option(command, other) != nullptr;
    throw Error(ErrorKind::kUsage, fmt::format("{} takes no value, but '{}' follows", flag, value),
                on          ? fmt::format("type {} alone", flag)
                : has_other ? fmt::format("type {}", other)
                            : fmt::format("leave {} out", flag));
  }
}

}  // namespace

bool parse_arguments(CLI::App& command, const Arguments& arguments) {
  use_formatter(command);
  refuse_values_of_flags(command, arguments);
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
    throw Error(ErrorKind::kUsage, error.what(),
                fmt::format("see {} --help", innermost(command).second));
  }
}

std::vector<uint64_t> parse_seeds(const std::string& text) {
  const auto refuse = [&](const std::string& wanted) {
    throw Error(ErrorKind::kUsage, fmt::format("--seeds: '{}' is not {}", text, wanted),
                "for example --seeds 0-63 or --seeds 1,5,9");
  };
  const auto number = [&](std::string_view part) {
    uint64_t value = 0;
    const auto [end, error] = std::from_chars(part.data(), part.data() + part.size(), value);
    const bool digits = !part.empty() && end == part.data() + part.size();
    if (digits && error == std::errc::result_out_of_range) {
      throw Error(ErrorKind::kUsage, fmt::format("--seeds: {} is too large for a seed", part),
                  fmt::format("seeds are whole numbers from 0 to {}", UINT64_MAX));
    }
    if (!digits || error != std::errc()) refuse("a list of seeds");
    return value;
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
    for (uint64_t i = 0; i <= last - first; ++i) seeds.push_back(first + i);
  }
  return seeds;
}

}  // namespace wgan
