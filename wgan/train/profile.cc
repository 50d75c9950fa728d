// Clocks of the phases, and their table.
#include "wgan/train/profile.h"

#include <fmt/format.h>
#include <torch/cuda.h>

#include <vector>

namespace wgan {
namespace {

struct Row {
  const char* name;
  double share;
  bool part;  // of the row before that is none
};

std::vector<Row> rows_of(const Profile& profile, double total) {
  const auto share = [&](Phase phase) { return profile.seconds(phase) / total; };
  std::vector<Row> rows{
      {"waiting for data", share(Phase::kData), false},
      {"fakes for the critic", share(Phase::kFakes), false},
      {"critic step", share(Phase::kCriticStep), false},
      {"forward sweep", share(Phase::kForward), true},
      {"adjoint sweep", share(Phase::kAdjoint), true},
      {"tangent sweep", share(Phase::kTangent), true},
      {"weight sweep", share(Phase::kWeights), true},
      {"critic's optimizer", share(Phase::kCriticUpdate), false},
      {"generator step", share(Phase::kGeneratorStep), false},
      {"generator's optimizer and average", share(Phase::kGeneratorUpdate), false},
      {"pictures and checkpoints", share(Phase::kHooks), false}};
  std::erase_if(rows, [](const Row& row) { return row.part && row.share <= 0; });
  double rest = 1;
  for (const Row& row : rows) rest -= row.part ? 0 : row.share;
  rows.push_back({"the rest", rest, false});
  return rows;
}

}  // namespace

void Profile::add(Phase phase, std::chrono::duration<double> time) {
  seconds_[static_cast<size_t>(phase)] += time.count();
}

double Profile::seconds(Phase phase) const { return seconds_[static_cast<size_t>(phase)]; }

Timed::Timed(Profile* profile, Phase phase) : profile_(profile), phase_(phase) {
  if (profile_ != nullptr) start_ = std::chrono::steady_clock::now();
}

Timed::~Timed() {
  if (profile_ == nullptr) return;
  if (profile_->wait_for_device()) torch::cuda::synchronize();
  profile_->add(phase_, std::chrono::steady_clock::now() - start_);
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
