// Which device a run computes on.
#pragma once

#include <string>

#include "wgan/train/choices.h"

namespace wgan {

// "cpu" or "cuda" for --device auto|cpu|cuda. Throws Error(kUsage) where there is no such device.
std::string resolve_device(const std::string& device);

// The same, where the device can compute in this precision too. Throws Error(kUsage).
std::string resolve_device(const std::string& device, Precision precision);

}  // namespace wgan
