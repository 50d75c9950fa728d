// Handwriting-like digits, drawn from jittered strokes: every row is a function of (seed, row).
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace wgan {

inline constexpr int64_t kStrokesSide = 28;  // pixels

// The digit, 0 to 9, that row `row` shows. All digits are equally likely.
int32_t strokes_label(uint64_t seed, int64_t row);

// Writes row `row` to out: [28, 28] uint8, white (255) ink on black, antialiased, the ink's centre
// of mass in the middle and its longer side about 20 pixels.
void draw_strokes(uint64_t seed, int64_t row, std::span<std::byte> out);

}  // namespace wgan
