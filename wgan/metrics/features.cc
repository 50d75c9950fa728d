// Looks for what would make a measure meaningless, block by block.
#include "wgan/metrics/features.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <torch/types.h>

#include "wgan/core/counted.h"
#include "wgan/core/error.h"

namespace wgan {

at::Tensor checked_rows(const at::Tensor& rows, const std::string& what, int64_t least) {
  if (!rows.defined() || rows.dim() != 2 ||
      !(rows.is_floating_point() || rows.scalar_type() == torch::kUInt8)) {
    const std::string seen =
        rows.defined() ? fmt::format("{} of shape [{}]", c10::toString(rows.scalar_type()),
                                     fmt::join(rows.sizes(), ", "))
                       : "nothing";
    throw Error(ErrorKind::kUsage,
                fmt::format("{}: {}, wanted [N, D] of floating point or uint8", what, seen),
                "flatten each sample to one row, as in x.flatten(1)");
  }
  if (rows.size(1) < 1 || rows.size(0) < least) {
    throw Error(ErrorKind::kUsage,
                fmt::format("{}: {} of {}, wanted at least {} of one or more", what,
                            counted(rows.size(0), "row"), counted(rows.size(1), "value"),
                            counted(least, "row")),
                "measure more samples");
  }
  at::Tensor detached = rows.detach();
  if (!rows.is_floating_point()) return detached;
  for (const at::Tensor& block : detached.split(kRowBlock)) {
    if (block.isfinite().all().item<bool>()) continue;
    throw Error(ErrorKind::kData, what + ": holds NaN or an infinity",
                "look for the sample it comes from; a generator that diverged gives such");
  }
  return detached;
}

void check_comparable(const at::Tensor& x, const at::Tensor& y) {
  if (x.size(1) != y.size(1)) {
    throw Error(ErrorKind::kUsage,
                fmt::format("features of {} and of {} a row cannot be compared", x.size(1),
                            counted(y.size(1), "value")),
                "take both from one feature network");
  }
  if (x.device() != y.device()) {
    throw Error(ErrorKind::kUsage, fmt::format("features on {} and on {}, wanted one device",
                                               x.device().str(), y.device().str()));
  }
}

}  // namespace wgan
