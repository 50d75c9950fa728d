// Runs that go on beyond their length: the parts that they consist of.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "wgan/train/options.h"

namespace wgan {

// How long a part of a run is: in steps, or in time, or up to whichever comes first; 0: no limit.
struct PartLength {
  int64_t steps = 0;
  Duration time;
};

// "2000 steps", "2000steps" or "2000", or a time such as "10m"; several with "+" between. Throws
// Error(kUsage) naming --extend.
std::vector<PartLength> parse_extensions(const std::string& text);

// "2000 steps + 10m"; parse_extensions' inverse.
std::string extensions_text(const std::vector<PartLength>& extensions);

// The run's length, and each extension of it.
std::vector<PartLength> parts_of(const Length& length);

// The part of the run that training is in, and where it began. What falls over a run (learning
// rates with --lr-decay, instance noise) falls over each part anew, from its full value linearly to
// 0: a warm restart (Loshchilov and Hutter 2017).
struct RunPart {
  int64_t number = 0;  // 0: the length itself
  int64_t step = 0;
  double seconds = 0;
};

}  // namespace wgan
