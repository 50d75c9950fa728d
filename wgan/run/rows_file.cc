// From the types of tensors to those of NumPy.
#include "wgan/run/rows_file.h"

#include <torch/types.h>

#include "wgan/core/error.h"
#include "wgan/io/npy.h"

namespace wgan {
namespace {

NpyType npy_type(at::ScalarType type) {
  switch (type) {
    case torch::kUInt8:
      return NpyType::kUint8;
    case torch::kFloat32:
      return NpyType::kFloat32;
    case torch::kFloat64:
      return NpyType::kFloat64;
    default:
      throw Error(ErrorKind::kInternal, "rows are bytes, float32 or float64");
  }
}

}  // namespace

void write_rows(const std::filesystem::path& file, const at::Tensor& rows) {
  const at::Tensor whole = rows.contiguous();
  write_npy(file, npy_type(rows.scalar_type()), whole.sizes(),
            {static_cast<const std::byte*>(whole.data_ptr()), whole.nbytes()});
}

}  // namespace wgan
