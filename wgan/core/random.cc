// Philox 4x32-10 and the distributions drawn from it.
#include "wgan/core/random.h"

#include <bit>
#include <cmath>
#include <numbers>

namespace wgan {
namespace {

void multiply(uint32_t a, uint32_t b, uint32_t& high, uint32_t& low) {
  const uint64_t product = static_cast<uint64_t>(a) * b;
  high = static_cast<uint32_t>(product >> 32);
  low = static_cast<uint32_t>(product);
}

std::array<uint32_t, 2> key_of(uint64_t seed) {
  return {static_cast<uint32_t>(seed), static_cast<uint32_t>(seed >> 32)};
}

// counter = block within the sequence | index | step | stream.
std::array<uint32_t, 4> counter_of(const RandomAddress& a) {
  const uint32_t index_high = static_cast<uint32_t>(a.index >> 32) & 0xfffU;
  const uint32_t step_high = static_cast<uint32_t>(a.step >> 32) & 0xfffU;
  return {0U, static_cast<uint32_t>(a.index), static_cast<uint32_t>(a.step),
          (static_cast<uint32_t>(a.stream) << 24) | (index_high << 12) | step_high};
}

}  // namespace

std::array<uint32_t, 4> philox4x32(std::array<uint32_t, 4> c, std::array<uint32_t, 2> k) {
  for (int round = 0; round < 10; ++round) {
    uint32_t high0, low0, high1, low1;
    multiply(0xD2511F53U, c[0], high0, low0);
    multiply(0xCD9E8D57U, c[2], high1, low1);
    c = {high1 ^ c[1] ^ k[0], low1, high0 ^ c[3] ^ k[1], low0};
    k[0] += 0x9E3779B9U;
    k[1] += 0xBB67AE85U;
  }
  return c;
}

Draws::Draws(const RandomAddress& address)
    : key_(key_of(address.seed)), counter_(counter_of(address)) {}

uint32_t Draws::bits() {
  if (used_ == 4) {
    block_ = philox4x32(counter_, key_);
    ++counter_[0];
    used_ = 0;
  }
  return block_[used_++];
}

float Draws::uniform() { return static_cast<float>(bits() >> 8) * 0x1.0p-24F; }

float Draws::uniform(float low, float high) { return low + (high - low) * uniform(); }

float Draws::normal() {
  if (has_spare_) {
    has_spare_ = false;
    return spare_normal_;
  }
  // In double, so that every platform rounds to the same float but for the last few ulps. The
  // radius takes 32 bits in (0, 1]: the tail ends at 6.66.
  const double u = (static_cast<double>(bits()) + 1.0) * 0x1.0p-32;
  const double angle = 2.0 * std::numbers::pi * (static_cast<double>(bits()) * 0x1.0p-32);
  const double radius = std::sqrt(-2.0 * std::log(u));
  spare_normal_ = static_cast<float>(radius * std::sin(angle));
  has_spare_ = true;
  return static_cast<float>(radius * std::cos(angle));
}

uint32_t Draws::below(uint32_t n) {
  // Lemire's multiply-and-reject.
  uint64_t product = static_cast<uint64_t>(bits()) * n;
  if (static_cast<uint32_t>(product) < n) {
    const uint32_t threshold = (0U - n) % n;
    while (static_cast<uint32_t>(product) < threshold) {
      product = static_cast<uint64_t>(bits()) * n;
    }
  }
  return static_cast<uint32_t>(product >> 32);
}

void fill_uniform(const RandomAddress& address, std::span<float> out) {
  Draws draws(address);
  for (float& value : out) value = draws.uniform();
}

void fill_normal(const RandomAddress& address, std::span<float> out) {
  Draws draws(address);
  for (float& value : out) value = draws.normal();
}

uint64_t permuted_index(uint64_t seed, Stream stream, uint64_t step, uint64_t index, uint64_t n) {
  if (n < 2) return index;
  // The domain is 2^(2h) >= n, less than 4n: a walk leaves it after 4 tries on average at most.
  const int half = (std::bit_width(n - 1) + 1) / 2;
  const uint64_t mask = (uint64_t{1} << half) - 1;
  const auto key = key_of(seed);
  auto counter = counter_of({seed, stream, step, 0});
  uint64_t value = index;
  do {
    uint64_t left = value >> half;
    uint64_t right = value & mask;
    for (uint32_t round = 0; round < 6; ++round) {
      counter[0] = round;
      counter[1] = static_cast<uint32_t>(right);  // half <= 22 bits for every n below 2^44
      const uint64_t mixed = philox4x32(counter, key)[0] & mask;
      const uint64_t next = left ^ mixed;
      left = right;
      right = next;
    }
    value = (left << half) | right;
  } while (value >= n);
  return value;
}

}  // namespace wgan
