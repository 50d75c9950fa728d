// What a person sees: progress on one rewriting line of a terminal, plain lines elsewhere, errors
// with hints. People read stderr; stdout is for results and --json.
#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <nlohmann/json.hpp>
#include <span>
#include <string>
#include <thread>

#include "wgan/core/amounts.h"
#include "wgan/core/error.h"
#include "wgan/data/dataset.h"

namespace wgan {

class Terminal {
 public:
  // json: results go to stdout as JSON objects; people's lines are still shown on stderr, without
  // progress.
  explicit Terminal(bool json);
  ~Terminal();  // ends a progress line
  Terminal(const Terminal&) = delete;
  Terminal& operator=(const Terminal&) = delete;

  // A line of progress: rewrites the last one on a terminal, a line of its own elsewhere.
  void progress(const std::string& text);
  // Progress that comes often: the same on a terminal; elsewhere a line a minute, and the last one
  // before any other line.
  void tick(const std::string& text);
  // Progress that would flood a log: shown on a terminal only, cut to its width.
  void flicker(const std::string& text);
  // How far something long has come: a flicker on a terminal, at most a line a minute elsewhere.
  void ongoing(const std::string& text);
  // A line that stays.
  void line(const std::string& text);
  // A warning that stays, in yellow where colours are shown (NO_COLOR is honoured).
  void warning(const std::string& text);
  // A result: to stdout, unless --json is on.
  void result(const std::string& text);
  // An object on one line of stdout, with --json only.
  void object(const nlohmann::ordered_json& json);

  bool json() const { return json_; }

 private:
  void clear_progress();
  const bool json_;
  const bool is_terminal_;
  const bool colours_;
  bool on_progress_line_ = false;
  std::string held_back_ = {};                            // the last tick, where it was not printed
  std::chrono::steady_clock::time_point next_tick_ = {};  // the earliest to be printed
  std::chrono::steady_clock::time_point told_ = std::chrono::steady_clock::now();  // by ongoing
};

// While it lives, it tells every second, by Terminal::ongoing, that `what` is going on and for how
// long. The terminal must not be used meanwhile.
class Patience {
 public:
  Patience(Terminal& terminal, std::string what);
  ~Patience();
  Patience(const Patience&) = delete;
  Patience& operator=(const Patience&) = delete;

 private:
  std::mutex mutex_;
  std::condition_variable over_;
  bool done_ = false;
  std::thread thread_;
};

// Warnings about a folder of images. one, many: "image was skipped", "images were skipped"; the
// first files are listed.
void warn_of_skipped(Terminal& terminal, const char* one, const char* many,
                     std::span<const SkippedImage> files);
// Of classes that no row has: the classes' names and rows.
void warn_of_empty_classes(Terminal& terminal, std::span<const std::string> names,
                           std::span<const int64_t> rows);
void warn_of_enlarged(Terminal& terminal, int64_t count);  // says nothing where count is 0

// That --fit crop cuts away more than a tenth of the pixels (cut, and the images' aspect: as in
// Dataset), and the size nearest to `size` that would keep most of them.
void warn_of_cut(Terminal& terminal, double cut, double aspect, const PictureSize& size);

// That --channels auto has found transparent pixels in most images, where it has.
void tell_transparency(Terminal& terminal, const DataOptions& options, int64_t channels);

// That a checkpoint is damaged (what) and the one before it is used.
// Says so where `threads` do not fit beside other processes, which use `others` processors; true
// where it has.
bool warn_of_crowd(Terminal& terminal, int threads, double others);

void tell_damaged(Terminal& terminal, const std::string& what);

// Throws Error(kOutput) where what was printed to stdout did not arrive: a full disk.
void check_stdout();

// The exit code of an error (see docs/formats.md): 1 internal, 2 usage, 3 data, 4 diverged, 5
// memory, 6 incompatible checkpoint, 7 output.
int exit_code(ErrorKind kind);

// Prints "error: message" and "hint: ..." to stderr, and with --json the error object to stdout.
void report_error(const Error& error, bool json);

// Of images of the shape [H, W, C]: "96x64 pixels (RGB)".
std::string picture_text(const std::vector<int64_t>& shape);

}  // namespace wgan
