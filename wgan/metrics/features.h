// Rows of features as the measures take them: checked once, and read in blocks of float64.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <string>

namespace wgan {

// Rows that a measure converts to float64 at a time: 16 MiB at 2048 features.
constexpr int64_t kRowBlock = 1024;

// rows without its graph. rows: [N, D] floating point or uint8. what: the rows, for messages.
// Throws Error(kUsage) where it is of another kind, D is 0 or N is below `least`, and Error(kData)
// where it holds NaN or an infinity.
at::Tensor checked_rows(const at::Tensor& rows, const std::string& what, int64_t least);

// Throws Error(kUsage) unless both sets, which are [N, D] and [M, D], have one D and one device.
void check_comparable(const at::Tensor& x, const at::Tensor& y);

}  // namespace wgan
