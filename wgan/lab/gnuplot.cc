// Starts gnuplot without a shell, quotes text for it and lays out blocks of data.
#include "wgan/lab/gnuplot.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <fstream>
#include <iterator>
#include <vector>

#include "wgan/core/error.h"
#include "wgan/io/atomic_file.h"
#include "wgan/io/temporary_folder.h"

namespace wgan {
namespace {

namespace fs = std::filesystem;

constexpr int kNotThere = 127;

// Starts a program with what it prints going to a file. Returns what posix_spawnp does.
int spawn(std::vector<std::string> words, const fs::path& told, pid_t& child) {
  std::vector<char*> pointers;
  for (std::string& word : words) pointers.push_back(word.data());
  pointers.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, told.c_str(),
                                   O_WRONLY | O_CREAT | O_TRUNC, 0600);
  posix_spawn_file_actions_adddup2(&actions, STDOUT_FILENO, STDERR_FILENO);
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP);  // Ctrl-C is for us
  const int error =
      ::posix_spawnp(&child, pointers[0], &actions, &attributes, pointers.data(), environ);
  posix_spawnattr_destroy(&attributes);
  posix_spawn_file_actions_destroy(&actions);
  return error;
}

// Its exit status; 127 where it cannot be started, as in a shell. told: the file for what it says.
int run_program(const std::vector<std::string>& words, const fs::path& told) {
  pid_t child = 0;
  if (spawn(words, told, child) != 0) return kNotThere;
  int status = 0;
  while (::waitpid(child, &status, 0) < 0) {
    if (errno != EINTR) throw Error(ErrorKind::kInternal, words[0] + " was lost");
  }
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

[[noreturn]] void refuse_missing() {
  throw Error(ErrorKind::kUsage, "figures are drawn by gnuplot, which is not installed",
              "apt-get install --no-install-recommends gnuplot-nox");
}

}  // namespace

std::string gnuplot_version() {
  const TemporaryFolder temporary;
  const fs::path told = temporary.path() / "told";
  if (run_program({"gnuplot", "--version"}, told) != 0) return "";
  std::string line;
  std::ifstream stream(told);
  std::getline(stream, line);
  return line;
}

void want_gnuplot() {
  if (gnuplot_version().empty()) refuse_missing();
}

void run_gnuplot(const std::string& what, const std::string& commands, const fs::path& folder) {
  const fs::path script = folder / "commands.gp", told = folder / "told";
  write_file_atomically(script, commands);
  // -d: without the person's own settings.
  const int code = run_program({"gnuplot", "-d", script.string()}, told);
  if (code == 0) return;
  if (code == kNotThere) refuse_missing();
  std::ifstream stream(told);
  const std::string text{std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()};
  throw Error(ErrorKind::kInternal, fmt::format("gnuplot could not draw {}: {}", what, text));
}

std::string literal(std::string_view text) {
  std::string result = "'";
  for (size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    const auto next = static_cast<unsigned char>(i + 1 < text.size() ? text[i + 1] : 0);
    if (byte == 0xC2 && next >= 0x80 && next < 0xA0) {
      result += ' ';
      ++i;
    } else if (byte < ' ' || byte == 0x7F) {
      result += ' ';
    } else {
      result += byte == '\'' ? "''" : std::string(1, text[i]);
    }
  }
  return result + "'";
}

std::string literal_lines(std::string_view text, size_t width) {
  std::string result, line;
  size_t length = 0;  // characters, not bytes
  for (const char character : text) {
    const bool blank = character == ' ' || character == '\n';
    if (blank && length >= width) {
      result += literal(line) + ".\"\\n\".";
      line.clear();
      length = 0;
      continue;
    }
    line += character;
    if ((static_cast<unsigned char>(character) & 0xC0) != 0x80) ++length;
  }
  return result + literal(line);
}

void add_row(std::string& block, std::initializer_list<double> values) {
  if (!std::ranges::all_of(values, [](double value) { return std::isfinite(value); })) {
    if (!block.empty() && !block.ends_with("\n\n")) block += '\n';
    return;
  }
  for (const double value : values) fmt::format_to(std::back_inserter(block), "{:.9g} ", value);
  block.back() = '\n';
}

double tic_distance(double low, double high) {
  const double wanted = (high - low) / 4;
  const double power = std::pow(10, std::floor(std::log10(wanted)));
  for (const double factor : {1.0, 2.0, 5.0}) {
    if (factor * power >= wanted) return factor * power;
  }
  return 10 * power;
}

}  // namespace wgan
