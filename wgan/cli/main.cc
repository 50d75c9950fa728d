// The program `wgan`: a switch over verbs, and the one place where errors become exit codes.
#include <c10/util/Exception.h>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <csignal>
#include <filesystem>
#include <iostream>
#include <new>

#include "wgan/cli/foreign.h"
#include "wgan/cli/terminal.h"
#include "wgan/cli/verbs.h"
#include "wgan/core/options.h"
#include "wgan/core/shell_word.h"
#include "wgan/nn/crowd_watch.h"
#include "wgan/nn/threads.h"

namespace wgan {

constexpr Verb kVerbs[] = {
    {"train", "train a generator on your data", train_verb},
    {"sample", "draw samples from a trained generator", sample_verb},
    {"interpolate", "draw a walk between samples as a strip and an animation", interpolate_verb},
    {"evaluate", "measure samples against data", evaluate_verb},
    {"export", "write a generator as a file for other programs", export_verb},
    {"compare-recipes", "train several recipes and rank them", compare_recipes_verb},
    {"lab", "test claims of the literature and draw their figures", lab_verb},
    {"features", "train a classifier whose features evaluate can use", features_verb},
    {"data", "inspect and prepare data", data_verb},
    {"describe", "print the layers of the networks", describe_verb},
    {"doctor", "report what this machine and build can do", doctor_verb},
};

std::span<const Verb> all_verbs() { return kVerbs; }

namespace {

void print_help() {
  std::cout << "wgan " << WGAN_VERSION << " trains Wasserstein GANs on your own data.\n\n"
            << "usage: wgan VERB [ARGUMENTS] [--help]\n\n";
  for (const Verb& verb : kVerbs)
    std::cout << fmt::format("  {:<16} {}\n", verb.name, verb.summary);
  std::cout << "\nFirst steps:\n"
               "  wgan train                      a generator of handwritten-like digits\n"
               "  wgan train FOLDER --time 10m    a generator of your own pictures\n"
               "  wgan sample latest --seeds 0-63\n\n"
               "Exit codes: 0 done, 1 internal, 2 usage, 3 data, 4 diverged, 5 memory,\n"
               "6 incompatible checkpoint, 7 output, 130/143 interrupted and saved.\n";
}

int run_verb(const Verb& verb, const Arguments& arguments) {
  try {
    return verb.run(arguments);
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::kUsage || !error.hint().empty()) throw;
    throw Error(error.kind(), error.what(), fmt::format("see wgan {} --help", verb.name));
  }
}

[[noreturn]] void refuse_verb(const std::string& text) {
  std::vector<std::string> verbs;
  for (const Verb& verb : kVerbs) verbs.emplace_back(verb.name);
  const bool flag = text.starts_with("-");
  const std::string near =
      nearest_name(text, flag ? std::vector<std::string>{"--help", "--version"} : verbs);
  std::string hint = flag ? "" : foreign_hint("", text);
  if (hint.empty() && !flag && std::filesystem::exists(text)) {
    hint = fmt::format("a verb comes first; to train on it: wgan train {}", shell_path(text));
  }
  if (hint.empty() && !near.empty()) hint = fmt::format("did you mean '{}'?", near);
  if (hint.empty() && flag) hint = "a verb comes first, as in: wgan train FOLDER --size 64";
  if (hint.empty()) hint = fmt::format("the verbs are {}", fmt::join(verbs, ", "));
  throw Error(ErrorKind::kUsage, fmt::format("unknown {} '{}'", flag ? "flag" : "verb", text),
              hint);
}

int run(Arguments arguments) {
  if (arguments.size() > 1 && arguments[0] == "help") arguments = {arguments[1], "--help"};
  if (arguments.empty() || arguments[0] == "--help" || arguments[0] == "-h" ||
      arguments[0] == "help") {
    print_help();
    return 0;
  }
  if (arguments[0] == "--version") {
    std::cout << "wgan " << WGAN_VERSION << '\n';
    return 0;
  }
  for (const Verb& verb : kVerbs) {
    if (arguments[0] == verb.name) return run_verb(verb, {arguments.begin() + 1, arguments.end()});
  }
  refuse_verb(arguments[0]);
}

// A LibTorch error as ours: running out of memory is the person's matter, all else a defect.
Error translate(const c10::Error& error) {
  const std::string text = error.what_without_backtrace();
  const bool memory = text.find("out of memory") != std::string::npos ||
                      text.find("can't allocate memory") != std::string::npos;
  if (memory) {
    return Error(ErrorKind::kMemory, "out of memory: " + text,
                 "use a smaller --batch, --width or --size");
  }
  return Error(ErrorKind::kInternal, text, "this is a defect of wgan; please report it");
}

int guarded_run(const Arguments& arguments) {
  const bool json = std::ranges::find(arguments, "--json") != arguments.end();
  const auto fail = [&](const Error& error) {
    report_error(error, json);
    return exit_code(error.kind());
  };
  try {
    const int code = run(arguments);
    check_stdout();
    return code;
  } catch (const Error& error) {
    return fail(error);
  } catch (const c10::Error& error) {
    return fail(translate(error));
  } catch (const std::bad_alloc&) {
    return fail(
        Error(ErrorKind::kMemory, "out of memory", "use a smaller --batch, --width or --size"));
  } catch (const std::exception& error) {
    return fail(
        Error(ErrorKind::kInternal, error.what(), "this is a defect of wgan; please report it"));
  }
}

}  // namespace
}  // namespace wgan

int main(int argc, char** argv) {
  wgan::ensure_fast_arithmetic(argc, argv);
  const wgan::CrowdWatch watch;
  std::signal(SIGXFSZ, SIG_IGN);  // a file over the limit is an error like a full disk
  return wgan::guarded_run({argv + 1, argv + argc});
}
