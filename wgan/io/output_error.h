// The Error for what cannot be written, with the hint that fits the system's reason.
#pragma once

#include <string>

#include "wgan/core/error.h"

namespace wgan {

// doing: what failed, as in "write /data/x.npy". error_number: errno. Returns Error(kOutput)
// "cannot <doing>: <reason of the system>".
Error output_error(const std::string& doing, int error_number);

}  // namespace wgan
