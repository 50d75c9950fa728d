// Clocks of the phases, and their table.
#include "wgan/train/profile.h"

#include <fmt/format.h>
#include <torch/cuda.h>

#include <utility>
#include <vector>

namespace wgan {
namespace {

using Clock = std::chrono::steady_clock;

struct Row {
  const char* name;
  double share;
  bool part;  // of the row before that is none
};

std::vector<Row> rows_of(const Profile& profile, double total) {
  const auto share = [&](Phase phase) { return profile.seconds(phase) / total; };
  const std::pair<Phase, const char*> sweeps[] = {{Phase::kForward, "forward sweep"},
                                                  {Phase::kAdjoint, "adjoint sweep"},
                                                  {Phase::kTangent, "tangent sweep"},
                                                  {Phase::kWeights, "weight sweep"}};
  double swept = 0;
  for (const auto& [phase, name] : sweeps) swept += profile.seconds(phase);
  std::vector<Row> rows{{"waiting for data", share(Phase::kData), false},
                        {"fakes for the critic", share(Phase::kFakes), false},
                        {"critic step", share(Phase::kCriticStep), false}};
  for (const auto& [phase, name] : sweeps) {
    if (swept <= 0) continue;
    rows.push_back({name, profile.seconds(phase) / swept * share(Phase::kCriticStep), true});
  }
  rows.push_back({"critic's optimizer", share(Phase::kCriticUpdate), false});
  rows.push_back({"generator step", share(Phase::kGeneratorStep), false});
  rows.push_back({"generator's optimizer and average", share(Phase::kGeneratorUpdate), false});
  rows.push_back({"pictures and checkpoints", share(Phase::kHooks), false});
  double rest = 1;
  for (const Row& row : rows) rest -= row.part ? 0 : row.share;
  rows.push_back({"the rest", rest, false});
  return rows;
}

}  // namespace

void Profile::add(Phase phase, std::chrono::nanoseconds time) {
  nanoseconds_[static_cast<size_t>(phase)].fetch_add(time.count(), std::memory_order_relaxed);
}

double Profile::seconds(Phase phase) const {
  return static_cast<double>(nanoseconds_[static_cast<size_t>(phase)].load()) * 1e-9;
}

Timed::Timed(Profile* profile, Phase phase) : profile_(profile), phase_(phase) {
  if (profile_ != nullptr) start_ = Clock::now();
}

Timed::~Timed() {
  if (profile_ == nullptr) return;
  if (profile_->wait_for_device()) torch::cuda::synchronize();
  profile_->add(phase_, Clock::now() - start_);
}

std::string profile_text(const Profile& profile, double total) {
  std::string text;
  for (const Row& row : rows_of(profile, total)) {
    text += fmt::format("{}  {}{:<{}} {:>5.1f} %", text.empty() ? "" : "\n", row.part ? "  " : "",
                        row.name, row.part ? 34 : 36, 100 * row.share);
  }
  return text;
}

nlohmann::ordered_json profile_to_json(const Profile& profile, double total) {
  nlohmann::ordered_json json;
  for (const Row& row : rows_of(profile, total)) json[row.name] = row.share;
  return json;
}

}  // namespace wgan
