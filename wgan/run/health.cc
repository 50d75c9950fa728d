// The conditions and their thresholds.
#include "wgan/run/health.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "wgan/train/objective.h"

namespace wgan {
namespace {

constexpr int64_t kHealthPatience = 3;  // ticks that a condition must last
constexpr int64_t kSettled = 100;       // generator steps; before, networks are expected to be odd
constexpr size_t kEstimates = 10;       // ticks that "weak" compares
constexpr size_t kLosses = 40;          // ticks that "outlier" compares with
constexpr size_t kFewLosses = 20;

double median(std::vector<double> values) {
  const auto middle = values.begin() + static_cast<int64_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

void remember(std::deque<double>& values, double value, size_t most) {
  values.push_back(value);
  if (values.size() > most) values.pop_front();
}

}  // namespace

bool HealthMonitor::lasts(const std::string& name, bool now) {
  int64_t& ticks = lasting_[name];
  ticks = now ? ticks + 1 : 0;
  return ticks >= kHealthPatience;
}

// By the median and the median absolute deviation (Iglewicz and Hoaglin 1993), at least 1 % of the
// median, so that a loss that stands still is allowed to move.
bool HealthMonitor::is_outlier(double loss) const {
  if (losses_.size() < kFewLosses) return false;
  const double middle = median({losses_.begin(), losses_.end()});
  std::vector<double> deviations;
  for (const double value : losses_) deviations.push_back(std::abs(value - middle));
  const double deviation = std::max(1.4826 * median(deviations), 0.01 * std::abs(middle));
  return std::abs(loss - middle) > 12 * deviation;
}

std::vector<Diagnosis> HealthMonitor::look(const Tick& tick) {
  std::vector<Diagnosis> found;
  const TrainOptions& o = options_;
  const bool settled = tick.step >= kSettled;
  const bool wasserstein = estimates_distance(o.objective.kind, o.penalty.kind);

  largest_gradient_ = std::max(largest_gradient_, tick.generator_gradient);
  if (lasts("vanished", settled && tick.generator_gradient < 1e-3 * largest_gradient_)) {
    found.push_back({"vanished",
                     fmt::format("the generator's gradient is {:.1e}, it was {:.1e}",
                                 tick.generator_gradient, largest_gradient_),
                     wasserstein ? "lower --generator-lr, or change --seed"
                                 : "use --objective wgan-gp, whose critic does not saturate"});
  }
  if (lasts("saturated",
            settled && o.objective.kind == Objective::kWgan && tick.saturated_share > 0.6)) {
    found.push_back({"saturated",
                     fmt::format("{:.0f} % of the critic's parameters lie at the clip bound",
                                 100 * tick.saturated_share),
                     "raise --clip, lower --critic-lr, or use --objective wgan-gp"});
  }
  // A critic that is at its best for a small lambda has slopes of 1 + W / (2 lambda): only what is
  // far beyond that is wrong.
  const double allowed = 1.6 + 3 * std::max(0.0, tick.wasserstein) / (2 * o.penalty.lambda);
  const bool steep = tick.gradient_norm > allowed;
  const bool flat = o.penalty.kind == Penalty::kTwoSided && tick.gradient_norm < 0.5;
  const bool wants_one =
      o.objective.kind == Objective::kWganGp && o.penalty.kind != Penalty::kZeroCentred;
  if (lasts("slope", settled && wants_one && (steep || flat))) {
    found.push_back(
        {"slope",
         fmt::format("the critic's mean gradient norm at the interpolates is {:.2f}, wanted 1",
                     tick.gradient_norm),
         steep ? "raise --lambda, or lower --critic-lr" : "raise --critic-lr or --n-critic"});
  }
  const bool doubled = estimates_.size() == kEstimates && estimates_.front() > 0 &&
                       tick.wasserstein > 2 * estimates_.front();
  if (lasts("weak", settled && wasserstein && (doubled || tick.wasserstein < 0))) {
    found.push_back({"weak",
                     doubled ? fmt::format("the critic's estimate of W still rises fast: {:.3g}, "
                                           "ten ticks ago {:.3g}",
                                           tick.wasserstein, estimates_.front())
                             : fmt::format("the critic scores samples above the data: its "
                                           "estimate of W is {:.3g}",
                                           tick.wasserstein),
                     "raise --n-critic or --critic-lr, or lower --generator-lr"});
  }
  if (lasts("collapsed", settled && tick.diversity >= 0 && tick.diversity < 0.25)) {
    found.push_back(
        {"collapsed",
         fmt::format("the samples lie only {:.2g} times as far apart as the data", tick.diversity),
         wasserstein ? "lower --generator-lr, or raise --n-critic" : "use --objective wgan-gp"});
  }
  if (settled && is_outlier(tick.critic_loss)) {
    found.push_back(
        {"outlier",
         fmt::format("the critic's loss is {:.3g}, far from what it was", tick.critic_loss),
         "lower --critic-lr if it happens again"});
  }
  remember(losses_, tick.critic_loss, kLosses);
  remember(estimates_, tick.wasserstein, kEstimates);
  return found;
}

nlohmann::ordered_json findings_to_json(const std::vector<Finding>& findings) {
  nlohmann::ordered_json json = nlohmann::ordered_json::array();
  for (const Finding& f : findings) {
    json.push_back({{"name", f.diagnosis.name},
                    {"text", f.diagnosis.text},
                    {"remedy", f.diagnosis.remedy},
                    {"first_step", f.first_step},
                    {"last_step", f.last_step}});
  }
  return json;
}

std::vector<std::string> HealthRecord::look(const Tick& tick,
                                            const std::function<void(const Diagnosis&)>& begins) {
  std::vector<std::string> names;
  for (const Diagnosis& diagnosis : monitor_.look(tick)) {
    names.push_back(diagnosis.name);
    const auto known = std::ranges::find_if(findings_, [&](const Finding& finding) {
      return finding.diagnosis.name == diagnosis.name;
    });
    if (known == findings_.end()) {
      findings_.push_back({diagnosis, tick.step, tick.step});
    } else {
      known->last_step = tick.step;
    }
    if (std::ranges::find(before_, diagnosis.name) == before_.end()) begins(diagnosis);
  }
  before_ = names;
  return names;
}

}  // namespace wgan
