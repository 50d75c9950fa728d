// Where the seconds of training go.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>

namespace wgan {

// Parts of an iteration. kForward to kWeights are parts of kCriticStep, and together all of its
// work where it is done in sweeps.
enum class Phase {
  kData,
  kFakes,
  kCriticStep,
  kForward,
  kAdjoint,
  kTangent,
  kWeights,
  kCriticUpdate,
  kGeneratorStep,
  kGeneratorUpdate,
  kHooks,
  kCount
};

class Profile {
 public:
  // wait_for_device: of a GPU at the end of every phase, which costs time itself.
  explicit Profile(bool wait_for_device) : wait_for_device_(wait_for_device) {}

  void add(Phase phase, std::chrono::duration<double> time);
  double seconds(Phase phase) const;
  bool wait_for_device() const { return wait_for_device_; }

 private:
  const bool wait_for_device_;
  std::array<double, static_cast<size_t>(Phase::kCount)> seconds_{};
};

// Adds its own lifetime to a phase; nothing where profile is null.
class Timed {
 public:
  Timed(Profile* profile, Phase phase);
  ~Timed();
  Timed(const Timed&) = delete;
  Timed& operator=(const Timed&) = delete;

 private:
  Profile* const profile_;
  const Phase phase_;
  std::chrono::steady_clock::time_point start_;
};

// Shares of `total` seconds of training, one line a phase.
std::string profile_text(const Profile& profile, double total);
nlohmann::ordered_json profile_to_json(const Profile& profile, double total);  // name: share

}  // namespace wgan
