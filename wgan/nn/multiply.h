// Matrix products, on a CPU by the fastest library there is for them.
#pragma once

#include <ATen/core/Tensor.h>

namespace wgan {

// Whether the product of float matrices comes from oneDNN, the kernel library of LibTorch. It beats
// BLAS where a factor has few rows: it reads the other as it lies, where BLAS copies it first. It
// is taken on processors with AVX2, where LibTorch shares its oneDNN (Debian's does).
bool has_onednn_product();

// c = a b + beta c; where beta is 0, c's numbers are not read. a: [m, k], b: [k, n], c: [m, n], all
// of one type and on one device. The same bits wherever the matrices lie in memory.
void multiply(const at::Tensor& a, const at::Tensor& b, double beta, at::Tensor c);

// c = a b + bias, [n] for each row; a b where the bias is undefined.
void multiply(const at::Tensor& a, const at::Tensor& b, const at::Tensor& bias, at::Tensor c);

}  // namespace wgan
