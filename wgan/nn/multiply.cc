// Finds oneDNN's product among the libraries that are loaded, and asks LibTorch where there is
// none.
#include "wgan/nn/multiply.h"

#include <dlfcn.h>
#include <torch/types.h>

#include <optional>

namespace wgan {
namespace {

// Of row-major matrices; dnnl_sgemm's signature has not changed since oneDNN 1.0.
using Product = int(char transpose_a, char transpose_b, int64_t m, int64_t n, int64_t k,
                    float alpha, const float* a, int64_t lda, const float* b, int64_t ldb,
                    float beta, float* c, int64_t ldc);

// On other processors oneDNN's product is a plain loop.
bool written_for_this_processor() {
#if defined(__x86_64__)
  return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
#else
  return false;
#endif
}

// Looked up, not linked: some LibTorch keep their oneDNN to themselves.
Product* onednn_product() {
  static auto* const product = written_for_this_processor()
                                   ? reinterpret_cast<Product*>(dlsym(RTLD_DEFAULT, "dnnl_sgemm"))
                                   : nullptr;
  return product;
}

// How a matrix lies in memory.
struct Order {
  char transpose;
  int64_t stride;  // from one row of numbers to the next
};

std::optional<Order> order_of(const at::Tensor& m) {
  if (m.stride(1) == 1 && m.stride(0) >= m.size(1)) return Order{'N', m.stride(0)};
  if (m.stride(0) == 1 && m.stride(1) >= m.size(0)) return Order{'T', m.stride(1)};
  return std::nullopt;
}

bool multiplied_by_onednn(const at::Tensor& a, const at::Tensor& b, double beta, at::Tensor& c) {
  Product* const product = onednn_product();
  const bool offered = product != nullptr && c.is_cpu() && c.scalar_type() == at::kFloat;
  if (!offered || c.numel() == 0 || a.numel() == 0) return false;
  const auto of_a = order_of(a), of_b = order_of(b), of_c = order_of(c);
  if (!of_a || !of_b || !of_c || of_c->transpose != 'N') return false;
  return product(of_a->transpose, of_b->transpose, a.size(0), b.size(1), a.size(1), 1,
                 a.data_ptr<float>(), of_a->stride, b.data_ptr<float>(), of_b->stride,
                 static_cast<float>(beta), c.data_ptr<float>(), of_c->stride) == 0;
}

}  // namespace

bool has_onednn_product() { return onednn_product() != nullptr; }

void multiply(const at::Tensor& a, const at::Tensor& b, double beta, at::Tensor c) {
  if (multiplied_by_onednn(a, b, beta, c)) return;
  if (beta == 0) {
    at::mm_out(c, a, b);
  } else {
    at::addmm_out(c, c, a, b, beta);
  }
}

void multiply(const at::Tensor& a, const at::Tensor& b, const at::Tensor& bias, at::Tensor c) {
  if (bias.defined()) c.copy_(bias.expand_as(c));
  multiply(a, b, bias.defined() ? 1 : 0, c);
}

}  // namespace wgan
