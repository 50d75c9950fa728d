// Where the tensors of a network lie: their names and shapes, in the order of its layers, and their
// places in one flat vector.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "wgan/net/layer.h"

namespace wgan {

// Where one tensor of one layer lies in the flat vector.
struct Slot {
  std::string name;  // "<layer number>.weight"
  size_t layer = 0;  // its number, as in numbered()
  Shape shape;       // canonical: [out, in], [out, in, kh, kw]; [in, out, kh, kw] when transposed
  int64_t offset = 0;
};

// The trained tensors of a network in order, and what it remembers besides. Offsets are rounded up
// to kSlotAlignment elements; the gaps are zero and stay zero.
inline constexpr int64_t kSlotAlignment = 16;
std::vector<Slot> parameter_slots(const Network& network);
std::vector<Slot> state_slots(const Network& network);

// The length of the flat vector, the last gap included.
int64_t flat_size(const std::vector<Slot>& slots);

int64_t parameter_count(const Network& network);  // without the gaps

}  // namespace wgan
