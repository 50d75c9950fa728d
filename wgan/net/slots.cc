// Names, shapes and places of the tensors of a network.
#include "wgan/net/slots.h"

#include <fmt/format.h>

#include <utility>

namespace wgan {
namespace {

class SlotList {
 public:
  void add(size_t layer, const char* name, Shape shape) {
    const int64_t size = elements(shape);
    slots_.push_back({fmt::format("{}.{}", layer, name), layer, std::move(shape), next_});
    next_ += (size + kSlotAlignment - 1) / kSlotAlignment * kSlotAlignment;
  }
  std::vector<Slot> take() { return std::move(slots_); }

 private:
  std::vector<Slot> slots_;
  int64_t next_ = 0;
};

}  // namespace

std::vector<Slot> parameter_slots(const Network& network) {
  SlotList slots;
  const auto layers = numbered(network.layers);
  for (size_t i = 0; i < layers.size(); ++i) {
    std::visit(
        [&]<class Kind>(const Kind& l) {
          if constexpr (Kind::kTraits.parameters) {
            slots.add(i, "weight", l.weight_shape());
            if (l.biases() > 0) slots.add(i, "bias", {l.biases()});
          }
        },
        *layers[i]);
  }
  return slots.take();
}

std::vector<Slot> state_slots(const Network& network) {
  SlotList slots;
  const auto layers = numbered(network.layers);
  for (size_t i = 0; i < layers.size(); ++i) {
    if (const auto* norm = std::get_if<BatchNorm>(layers[i])) {
      slots.add(i, "running_mean", {norm->channels});
      slots.add(i, "running_var", {norm->channels});
    } else if (const auto* reference = std::get_if<ReferenceBatch>(layers[i])) {
      slots.add(i, "reference", {reference->rows, reference->size});
    } else if (std::holds_alternative<GaussianNoise>(*layers[i])) {
      slots.add(i, "draws", {2});  // key, count
    }
  }
  for (size_t i = 0; network.spectral_norm && i < layers.size(); ++i) {
    if (weight_rows(*layers[i]) > 0) slots.add(i, "left", {weight_rows(*layers[i])});
  }
  for (size_t i = 0; network.weight_norm && i + 1 < layers.size(); ++i) {
    if (weight_rows(*layers[i]) > 0) slots.add(i, "length", {weight_rows(*layers[i])});
  }
  return slots.take();
}

int64_t flat_size(const std::vector<Slot>& slots) {
  if (slots.empty()) return 0;
  const int64_t end = slots.back().offset + elements(slots.back().shape);
  return (end + kSlotAlignment - 1) / kSlotAlignment * kSlotAlignment;
}

int64_t parameter_count(const Network& network) {
  int64_t count = 0;
  for (const Slot& slot : parameter_slots(network)) count += elements(slot.shape);
  return count;
}

}  // namespace wgan
