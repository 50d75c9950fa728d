// Numbers in columns of fixed width.
#include "wgan/run/tick_line.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdint>

#include "wgan/core/amounts.h"
#include "wgan/train/objective.h"

namespace wgan {
namespace {

// At most 6 characters: four digits where they fit.
std::string number_text(double value) {
  if (!std::isfinite(value)) return fmt::format("{}", value);
  const double size = std::abs(value);
  if (size >= 99'999.5 || (size > 0 && size < 0.0005)) return fmt::format("{:.0e}", value);
  const int digits = size < 9.9995 ? 3 : size < 99.995 ? 2 : size < 999.95 ? 1 : 0;
  return fmt::format("{:.{}f}", value, digits);
}

// At most 7 characters: in thousands (k), millions (M), ... where the largest number of its kind,
// `most`, would be longer.
std::string short_count(double count, double most) {
  if (!(count >= 0 && std::isfinite(count))) return "?";
  const char* unit = "";
  double longest = 999'999.5;
  for (const char* next : {"k", "M", "G", "T", "P"}) {
    if (most < longest) break;
    count /= 1000, most /= 1000, longest = 99'999.5;
    unit = next;
  }
  return most < longest ? count_text(count) + unit : "?";
}

// "2,100/5,000", as wide as the last of them will be; without an end the step alone.
std::string steps_text(int64_t step, int64_t total) {
  const auto done = static_cast<double>(step), all = static_cast<double>(total);
  const double most = std::max(done, all);
  if (total <= 0) return fmt::format("{:<7}", short_count(done, most));
  const std::string end = short_count(all, most);
  return fmt::format("{:<{}}", short_count(done, most) + "/" + end, 2 * end.size() + 1);
}

// "1:23", "2:10:05", "12h 05m", "5 days", at most 7 characters.
std::string clock_text(double seconds) {
  constexpr double kDay = 86'400;
  if (!(seconds < 100 * kDay)) return "years";
  if (seconds > 4 * kDay) return fmt::format("{:.0f} days", std::floor(seconds / kDay));
  const auto whole = static_cast<int64_t>(std::llround(std::max(0.0, seconds)));
  const int64_t hours = whole / 3600, minutes = whole % 3600 / 60;
  if (hours == 0) return fmt::format("{}:{:02}", minutes, whole % 60);
  if (hours < 10) return fmt::format("{}:{:02}:{:02}", hours, minutes, whole % 60);
  return fmt::format("{}h {:02}m", hours, minutes);
}

// At most 4 characters.
std::string variety_text(double variety) {
  if (!(variety >= 0)) return "?";
  if (variety < 9.995) return fmt::format("{:.2f}", variety);
  return variety < 999.5 ? fmt::format("{:.0f}", variety) : ">999";
}

}  // namespace

std::string tick_line(const Tick& t, const TrainOptions& o, const char* rows) {
  std::string line = fmt::format("step {}", steps_text(t.step, t.last_step));
  line += t.eta_seconds >= 0 ? fmt::format("  {:>7} left", clock_text(t.eta_seconds))
                             : fmt::format("  {:>7} gone", clock_text(t.seconds));
  line += fmt::format("  {:>6} {}/s", short_count(t.images_per_second, t.images_per_second), rows);
  line += estimates_distance(o.objective.kind, o.penalty.kind)
              ? fmt::format("  W {:>6}", number_text(t.wasserstein))
              : fmt::format("  loss {:>6}", number_text(t.critic_loss));
  line += fmt::format("  variety {:>4}", variety_text(t.diversity));
  if (o.augment.target > 0) line += fmt::format("  aug {:.2f}", t.augment_strength);
  return line;
}

}  // namespace wgan
