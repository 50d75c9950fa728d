// Printing.
#include "wgan/cli/terminal.h"

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <utility>

#include "wgan/core/counted.h"
#include "wgan/core/processors.h"
#include "wgan/io/output_error.h"

namespace wgan {
namespace {

const char* kind_name(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::kInternal:
      return "internal";
    case ErrorKind::kUsage:
      return "usage";
    case ErrorKind::kData:
      return "data";
    case ErrorKind::kDiverged:
      return "diverged";
    case ErrorKind::kMemory:
      return "memory";
    case ErrorKind::kIncompatible:
      return "incompatible";
    case ErrorKind::kOutput:
      return "output";
  }
  return "internal";
}

bool colours_wanted() {
  const char* no_color = std::getenv("NO_COLOR");
  return isatty(STDERR_FILENO) != 0 && (no_color == nullptr || *no_color == '\0');
}

size_t terminal_width() {
  constexpr size_t kUnknown = 80;
  winsize size{};
  const bool known = ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 1;
  return known ? size.ws_col : kUnknown;
}

void print_error_line(const std::string& text) { std::fputs((text + '\n').c_str(), stderr); }

}  // namespace

Terminal::Terminal(bool json)
    : json_(json), is_terminal_(isatty(STDERR_FILENO) != 0), colours_(colours_wanted()) {}

Terminal::~Terminal() {
  if (!held_back_.empty()) print_error_line(held_back_);
  if (on_progress_line_) std::fputc('\n', stderr);
}

void Terminal::clear_progress() {
  if (!held_back_.empty()) print_error_line(std::exchange(held_back_, {}));
  if (on_progress_line_) std::fputs("\r\x1b[K", stderr);
  on_progress_line_ = false;
}

void Terminal::progress(const std::string& text) {
  if (json_) return;
  if (is_terminal_) {
    flicker(text);
  } else {
    print_error_line(text);
  }
}

void Terminal::tick(const std::string& text) {
  const auto now = std::chrono::steady_clock::now();
  if (is_terminal_ || json_ || now >= next_tick_) {
    progress(text);
    held_back_.clear();
    next_tick_ = now + std::chrono::minutes(1);
  } else {
    held_back_ = text;
  }
}

void Terminal::flicker(const std::string& text) {
  if (json_ || !is_terminal_) return;
  // A line that wraps could not be rewritten.
  std::fputs(("\r\x1b[K" + text.substr(0, terminal_width() - 1)).c_str(), stderr);
  std::fflush(stderr);
  on_progress_line_ = true;
}

void Terminal::ongoing(const std::string& text) {
  if (is_terminal_ || json_) return flicker(text);
  const auto now = std::chrono::steady_clock::now();
  if (now - told_ < std::chrono::minutes(1)) return;
  told_ = now;
  print_error_line(text);
}

void Terminal::line(const std::string& text) {
  clear_progress();
  print_error_line(text);
}

void Terminal::warning(const std::string& text) {
  clear_progress();
  print_error_line(colours_ ? "\x1b[33mwarning:\x1b[0m " + text : "warning: " + text);
}

void Terminal::result(const std::string& text) {
  clear_progress();
  if (json_) return;
  std::fputs((text + '\n').c_str(), stdout);
  std::fflush(stdout);
}

void Terminal::object(const nlohmann::ordered_json& json) {
  if (!json_) return;
  using Json = nlohmann::ordered_json;
  std::fputs((json.dump(-1, ' ', false, Json::error_handler_t::replace) + '\n').c_str(), stdout);
  std::fflush(stdout);
}

Patience::Patience(Terminal& terminal, std::string what)
    : thread_([this, &terminal, what = std::move(what)] {
        std::unique_lock lock(mutex_);
        for (int seconds = 0;; ++seconds) {
          terminal.ongoing(seconds == 0 ? what : what + ", " + duration_text(seconds));
          if (over_.wait_for(lock, std::chrono::seconds(1), [this] { return done_; })) return;
        }
      }) {}

Patience::~Patience() {
  {
    const std::lock_guard lock(mutex_);
    done_ = true;
  }
  over_.notify_all();
  thread_.join();
}

void warn_of_skipped(Terminal& terminal, const char* one, const char* many,
                     std::span<const SkippedImage> files) {
  constexpr size_t kShown = 20;  // inspect --json has them all
  if (files.empty()) return;
  terminal.warning(counted(files.size(), one, many));
  for (const SkippedImage& image : files.first(std::min(kShown, files.size()))) {
    terminal.line(fmt::format("  {}: {}", image.file, image.reason));
  }
  if (files.size() > kShown) terminal.line(fmt::format("  and {} more", files.size() - kShown));
}

void warn_of_empty_classes(Terminal& terminal, std::span<const std::string> names,
                           std::span<const int64_t> rows) {
  constexpr size_t kNamed = 20;
  std::vector<std::string> empty;
  for (size_t i = 0; i < rows.size(); ++i) {
    if (rows[i] == 0) empty.push_back(names[i]);
  }
  if (empty.empty()) return;
  const size_t count = empty.size();
  empty.resize(std::min(kNamed, count));
  terminal.warning(fmt::format("{} without any row, which samples leave out: {}{}",
                               counted(count, "class", "classes"), fmt::join(empty, ", "),
                               count > empty.size() ? ", ..." : ""));
}

void warn_of_enlarged(Terminal& terminal, int64_t count) {
  if (count == 0) return;
  terminal.warning(counted(count, "image is smaller than the size and was enlarged",
                           "images are smaller than the size and were enlarged"));
}

bool warn_of_crowd(Terminal& terminal, int threads, double others) {
  const size_t processors = allowed_processors().size();
  if (threads + others < static_cast<double>(processors) + 0.5) return false;
  terminal.warning(fmt::format("other processes use {:.1f} of {}, so {} will be slower than alone",
                               others, counted(processors, "processor"),
                               counted(threads, "thread")));
  return true;
}

void warn_of_cut(Terminal& terminal, double cut, double aspect, const PictureSize& size) {
  constexpr double kTold = 0.1;
  if (cut <= kTold) return;
  const int64_t longer = std::max(size.width, size.height);
  const int64_t step = longer < 64 ? 8 : 16;  // so that every network makes it
  const auto shorter = [&](double share) {
    const double steps =
        std::round(static_cast<double>(longer) * share / static_cast<double>(step));
    return std::max(step, static_cast<int64_t>(steps) * step);
  };
  const PictureSize better =
      aspect >= 1 ? PictureSize(longer, shorter(1 / aspect)) : PictureSize(shorter(aspect), longer);
  terminal.warning(
      fmt::format("--fit crop cuts away {:.0f} % of the pixels; {}--fit pad keeps all", 100 * cut,
                  better == size ? "" : fmt::format("--size {} keeps more, ", field_text(better))));
}

void tell_transparency(Terminal& terminal, const DataOptions& options, int64_t channels) {
  if (options.channels != Channels::kAuto || channels != 4) return;
  terminal.line(
      fmt::format("most pictures have transparent pixels, so that samples will too; "
                  "--channels 3 puts them on {} (--background)",
                  options.background));
}

void tell_damaged(Terminal& terminal, const std::string& what) {
  terminal.line("skipped a damaged checkpoint: " + what);
}

void check_stdout() {
  if (std::fflush(stdout) != 0 || std::ferror(stdout) != 0) {
    throw output_error("write to stdout", errno);
  }
}

int exit_code(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::kInternal:
      return 1;
    case ErrorKind::kUsage:
      return 2;
    case ErrorKind::kData:
      return 3;
    case ErrorKind::kDiverged:
      return 4;
    case ErrorKind::kMemory:
      return 5;
    case ErrorKind::kIncompatible:
      return 6;
    case ErrorKind::kOutput:
      return 7;
  }
  return 1;
}

void report_error(const Error& error, bool json) {
  const bool colours = colours_wanted();
  print_error_line((colours ? "\x1b[31merror:\x1b[0m " : "error: ") + std::string(error.what()));
  if (!error.hint().empty()) print_error_line("hint: " + error.hint());
  if (json) {
    Terminal(true).object(
        {{"ok", false},
         {"error",
          {{"code", kind_name(error.kind())}, {"message", error.what()}, {"hint", error.hint()}}}});
  }
}

std::string picture_text(const std::vector<int64_t>& shape) {
  const std::string colours = shape.at(2) == 1   ? "grey"
                              : shape.at(2) == 3 ? "RGB"
                              : shape.at(2) == 4 ? "RGBA"
                                                 : counted(shape.at(2), "channel");
  return fmt::format("{}x{} pixels ({})", shape.at(1), shape.at(0), colours);
}

}  // namespace wgan
