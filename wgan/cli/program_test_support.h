// Running the built program in a folder of its own, for tests.
#pragma once

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include "wgan/io/temporary_folder.h"
#include "wgan/io/test_support.h"

namespace wgan {

// A folder in which the program runs, its cache beside it. Both go with this object.
class ProgramTest : public testing::Test {
 public:
  // How a run of the program ended.
  struct Outcome {
    int code = -1;  // exit code; 128 + signal where a signal ended it
    std::string out;
    std::string err;
    bool killed = false;  // a signal ended it

    std::string told() const {
      return "exit " + std::to_string(code) + "\nstdout:\n" + out + "\nstderr:\n" + err;
    }
    // The lines of stdout as JSON, each of which must be one object.
    std::vector<nlohmann::json> objects() const {
      std::vector<nlohmann::json> parsed;
      std::istringstream lines(out);
      for (std::string line; std::getline(lines, line);) {
        parsed.push_back(nlohmann::json::parse(line, nullptr, /*allow_exceptions=*/false));
        EXPECT_TRUE(parsed.back().is_object()) << line;
      }
      return parsed;
    }
  };

 protected:
  ProgramTest() { std::filesystem::create_directory(folder()); }

  std::filesystem::path folder() const { return temporary_.path() / "work"; }
  std::filesystem::path cache() const { return temporary_.path() / "cache"; }

  // Runs `wgan arguments...`. prepare: called in the child before the program starts.
  Outcome run(
      const std::vector<std::string>& arguments,
      const std::function<void()>& prepare = [] {}) const {
    return finish(start(arguments, prepare));
  }

  // The same in two parts, for a program that is to be interrupted.
  pid_t start(
      const std::vector<std::string>& arguments,
      const std::function<void()>& prepare = [] {}) const {
    const pid_t child = ::fork();
    if (child != 0) return child;
    const auto to_file = [](const std::filesystem::path& path, int descriptor) {
      ::dup2(::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0666), descriptor);
    };
    to_file(out_file(), STDOUT_FILENO);
    to_file(err_file(), STDERR_FILENO);
    ::setenv("WGAN_CACHE", cache().c_str(), 1);
    if (::chdir(folder().c_str()) != 0) ::_exit(126);
    prepare();
    std::vector<std::string> words = arguments;
    words.insert(words.begin(), WGAN_PROGRAM);
    std::vector<char*> pointers;
    for (std::string& word : words) pointers.push_back(word.data());
    pointers.push_back(nullptr);
    ::execv(WGAN_PROGRAM, pointers.data());
    ::_exit(127);
  }

  Outcome finish(pid_t child) const {
    int status = 0;
    EXPECT_EQ(::waitpid(child, &status, 0), child);
    const int code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    return {code, read_test_file(out_file()), read_test_file(err_file()), WIFSIGNALED(status)};
  }

  // Waits until what the program prints to stderr holds the text. False after a minute.
  bool wait_for(const std::string& text) const {
    for (int i = 0; i < 1200; ++i) {
      if (read_test_file(err_file()).find(text) != std::string::npos) return true;
      std::this_thread::sleep_for(std::chrono::milliseconds(50));
    }
    return false;
  }

  // Everything in the work folder, relative to it, sorted; folders end in "/".
  std::vector<std::string> contents(const std::filesystem::path& below = "") const {
    std::vector<std::string> names;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(folder() / below)) {
      const std::string name = entry.path().lexically_relative(folder() / below).string();
      names.push_back(entry.is_directory() ? name + "/" : name);
    }
    std::ranges::sort(names);
    return names;
  }

  static std::vector<std::string> with(std::vector<std::string> arguments,
                                       const std::vector<std::string>& more) {
    arguments.insert(arguments.end(), more.begin(), more.end());
    return arguments;
  }

  // The ticks of a run without what depends on the clock.
  std::vector<nlohmann::json> metrics(const std::filesystem::path& run) const {
    std::vector<nlohmann::json> ticks;
    std::istringstream lines(read_test_file(folder() / run / "metrics.jsonl"));
    for (std::string line; std::getline(lines, line);) {
      nlohmann::json tick = nlohmann::json::parse(line);
      for (const char* time : {"seconds", "images_per_second", "waited_seconds"}) tick.erase(time);
      ticks.push_back(tick);
    }
    return ticks;
  }

  void write(const std::string& name, std::string_view bytes) const {
    write_test_file(folder() / name, bytes);
  }

 private:
  std::filesystem::path out_file() const { return temporary_.path() / "stdout"; }
  std::filesystem::path err_file() const { return temporary_.path() / "stderr"; }

  TemporaryFolder temporary_;
};

}  // namespace wgan
