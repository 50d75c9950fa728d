// A graph with places in memory, and its weights as the kernels read them.
#pragma once

#include <new>
#include <vector>

#include "wgan/infer/graph.h"
#include "wgan/infer/plan.h"

namespace wgan::infer {

// Numbers that begin with a line of the cache, as kernels read them fastest.
template <class Number>
struct CacheLines {
  using value_type = Number;
  CacheLines() = default;
  template <class Other>
  CacheLines(const CacheLines<Other>&) {}
  Number* allocate(size_t count) {
    return static_cast<Number*>(::operator new(count * sizeof(Number), kLine));
  }
  void deallocate(Number* numbers, size_t) { ::operator delete(numbers, kLine); }
  bool operator==(const CacheLines&) const = default;

 private:
  static constexpr std::align_val_t kLine{64};
};
using AlignedNumbers = std::vector<float, CacheLines<float>>;

struct BuiltPlan {
  std::vector<Operation> operations;
  std::vector<Part> parts;
  std::vector<Run> runs;
  AlignedNumbers weights;
  Plan sizes{};  // all but the pointers

  Plan plan() const {
    Plan whole = sizes;
    whole.operations = operations.data();
    whole.parts = parts.data();
    whole.runs = runs.data();
    whole.weights = weights.data();
    return whole;
  }
};

// Throws Error(kIncompatible) where the network is too large for 32-bit places.
BuiltPlan build_plan(const Graph& graph);

}  // namespace wgan::infer
