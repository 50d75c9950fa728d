// A run that is killed again and again, and one that is not.
#pragma once

#include <algorithm>
#include <random>

#include "wgan/cli/program_test_support.h"
#include "wgan/io/checksums.h"

namespace wgan {

class CrashTest : public ProgramTest {
 protected:
  // Small enough that a step takes a millisecond.
  static inline const std::vector<std::string> kPoints = {"gaussians8", "--width", "16", "--depth",
                                                          "2",          "--batch", "32"};
  // What a step depends on besides the weights: schedules, and a strength that held-out rows steer.
  static inline const std::vector<std::string> kSteeredPictures = {"strokes",
                                                                   "--net",
                                                                   "mlp",
                                                                   "--width",
                                                                   "8",
                                                                   "--depth",
                                                                   "1",
                                                                   "--latent",
                                                                   "4",
                                                                   "--batch",
                                                                   "8",
                                                                   "--no-conditional",
                                                                   "--objective",
                                                                   "relativistic",
                                                                   "--penalty-every",
                                                                   "3",
                                                                   "--gamma",
                                                                   "2:0.2",
                                                                   "--no-lr-decay",
                                                                   "--critic-lr",
                                                                   "1e-3:1e-4",
                                                                   "--generator-lr",
                                                                   "1e-4:1e-3",
                                                                   "--beta2",
                                                                   "0.9:0.99",
                                                                   "--average-images",
                                                                   "0:1000",
                                                                   "--augment",
                                                                   "color,translation,cutout",
                                                                   "--augment-target",
                                                                   "0.01"};

  // Kills a run `kills` times with SIGKILL after it has got further, at a random moment or, every
  // second time, once it writes a checkpoint, and resumes it; in the end it must have become what
  // the undisturbed run is. trained: the data and its options.
  void expect_same_after_kills(int kills, uint64_t seed,
                               const std::vector<std::string>& trained = kPoints) const {
    const std::vector<std::string> arguments =
        with(with({"train"}, trained),
             {"--threads", "1", "--tick-every", "10", "--samples-every", "1000",
              "--checkpoint-every", "0.02s", "--steps", std::to_string(200 * kills)});
    const Outcome whole = run(with(arguments, {"--name", "whole"}));
    ASSERT_EQ(whole.code, 0) << whole.told();

    std::mt19937_64 random(seed);
    const std::filesystem::path killed = folder() / "runs" / "00001-killed";
    std::vector<std::string> next = with(arguments, {"--name", "killed"});
    int in_writing = 0;
    for (int kill = 0; kill < kills; ++kill) {
      SCOPED_TRACE("kill " + std::to_string(kill));
      const int64_t before = newest_step(killed);
      const pid_t child = start(next);
      for (int i = 0; i < 60'000 && newest_step(killed) <= before; ++i) {
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
      }
      if (kill % 2 == 0) {
        std::this_thread::sleep_for(std::chrono::microseconds(random() % 100'000));
      } else {
        for (int i = 0; i < 100'000 && !is_writing(killed); ++i) {
          std::this_thread::sleep_for(std::chrono::microseconds(50));
        }
        std::this_thread::sleep_for(std::chrono::microseconds(random() % 1'000));
      }
      ::kill(child, SIGKILL);
      const Outcome outcome = finish(child);
      ASSERT_EQ(outcome.code, 128 + SIGKILL) << outcome.told();
      if (expect_whole_checkpoints(killed)) ++in_writing;
      next = {"train", "--resume", killed.string()};
    }
    EXPECT_GT(in_writing, kills / 10);
    const Outcome last = run(next);
    ASSERT_EQ(last.code, 0) << last.told();
    expect_same_run(folder() / "runs" / "00000-whole", killed);
  }

  static std::filesystem::path newest_checkpoint(const std::filesystem::path& run) {
    const std::string digits = std::to_string(newest_step(run));
    return run / "checkpoints" /
           ("step-" + std::string(6 - std::min<size_t>(6, digits.size()), '0') + digits);
  }

 private:
  static std::vector<std::filesystem::path> entries(const std::filesystem::path& folder) {
    std::vector<std::filesystem::path> found;
    std::error_code ignored;  // not there yet, or changing
    for (const auto& entry : std::filesystem::directory_iterator(folder, ignored)) {
      found.push_back(entry.path());
    }
    return found;
  }

  static int64_t newest_step(const std::filesystem::path& run) {
    int64_t newest = -1;
    for (const auto& path : entries(run / "checkpoints")) {
      const std::string name = path.filename();
      if (name.starts_with("step-")) newest = std::max<int64_t>(newest, std::stol(name.substr(5)));
    }
    return newest;
  }

  static bool is_writing(const std::filesystem::path& run) {
    return std::ranges::any_of(entries(run / "checkpoints"), [](const auto& path) {
      return path.filename().string().starts_with(".writing-");
    });
  }

  // Returns whether the run was killed while it was writing one.
  static bool expect_whole_checkpoints(const std::filesystem::path& run) {
    const std::vector<std::string> files = {"generator.safetensors",
                                            "average.safetensors",
                                            "critic.safetensors",
                                            "generator_optimizer.safetensors",
                                            "critic_optimizer.safetensors",
                                            "ticks.safetensors",
                                            "state.json"};
    for (const auto& path : entries(run / "checkpoints")) {
      const std::string name = path.filename();
      if (name.starts_with("step-")) {
        EXPECT_NO_THROW(check_checksums(path, files)) << name;
      }
    }
    return is_writing(run);
  }

  void expect_same_run(const std::filesystem::path& a, const std::filesystem::path& b) const {
    EXPECT_EQ(metrics(a), metrics(b));
    EXPECT_EQ(newest_step(b), newest_step(a));
    for (const auto& path : entries(newest_checkpoint(a))) {
      if (path.extension() != ".safetensors") continue;
      EXPECT_TRUE(read_test_file(path) == read_test_file(newest_checkpoint(b) / path.filename()))
          << path;
    }
    for (const auto& path : entries(a / "samples")) {
      EXPECT_TRUE(read_test_file(path) == read_test_file(b / "samples" / path.filename())) << path;
    }
    for (const auto& path : entries(b / "checkpoints")) {
      EXPECT_FALSE(path.filename().string().starts_with(".writing-")) << path;
    }
  }
};

}  // namespace wgan
