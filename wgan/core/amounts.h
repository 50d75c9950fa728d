// Amounts as people read them.
#pragma once

#include <string>

namespace wgan {

std::string duration_text(double seconds);  // "42 s", "3 min 05 s", "2 h 10 min", "4 days 2 h"
std::string bytes_text(double bytes);       // "12.3 MB"
std::string count_text(double count);       // "12,345"
std::string rough_text(double count);       // its first two digits: "12,000"

}  // namespace wgan
