// What can be seen to go wrong with a run while it trains, and what helps.
#pragma once

#include <deque>
#include <map>
#include <string>
#include <vector>

#include "wgan/train/trainer.h"

namespace wgan {

struct Diagnosis {
  std::string name;    // "collapsed"
  std::string text;    // what was seen, with its number
  std::string remedy;  // what to change
};

// Looks at one tick after the other. What it says depends on them and the options alone, so that a
// resumed run that looks at its ticks again says the same.
//
//   vanished   the generator's gradient has fallen below 1/1000 of its largest
//   saturated  of the critic's parameters, more than 60 % lie at the clip bound (wgan)
//   slope      |grad f| at the interpolates is far from 1 and from what lambda allows (wgan-gp)
//   weak       the critic's estimate of W doubles within ten ticks, later than at the start, or is
//              negative (Wasserstein objectives)
//   collapsed  samples lie closer together than a quarter of the data's distances
//   outlier    the critic's loss is more than 12 robust deviations off its median
//
// A number that is not finite ends the training itself (trainer.h).
class HealthMonitor {
 public:
  explicit HealthMonitor(const TrainOptions& options) : options_(options) {}

  // What is wrong as of this tick.
  std::vector<Diagnosis> look(const Tick& tick);

 private:
  // Whether a condition has held for kPatience ticks on end.
  bool lasts(const std::string& name, bool now);
  bool is_outlier(double loss) const;

  TrainOptions options_;
  std::map<std::string, int64_t> lasting_;  // ticks on end, by name
  std::deque<double> losses_;               // the critic's, at the ticks before
  std::deque<double> estimates_;            // of W
  double largest_gradient_ = 0;             // the generator's
};

// A diagnosis, and when it was made.
struct Finding {
  Diagnosis diagnosis;  // as it was told first
  int64_t first_step = 0;
  int64_t last_step = 0;
};

nlohmann::ordered_json findings_to_json(const std::vector<Finding>& findings);

// The monitor, and what it has found in a run so far.
class HealthRecord {
 public:
  // findings: filled, in the order of their first steps.
  HealthRecord(const TrainOptions& options, std::vector<Finding>& findings)
      : monitor_(options), findings_(findings) {}

  // Returns the names of what is wrong. begins: called for each of them that was not wrong at the
  // tick before.
  std::vector<std::string> look(const Tick& tick,
                                const std::function<void(const Diagnosis&)>& begins);

 private:
  HealthMonitor monitor_;
  std::vector<Finding>& findings_;
  std::vector<std::string> before_;  // names, at the tick before
};

}  // namespace wgan
