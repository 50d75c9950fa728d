// First come the places of the pictures, of which those that nobody reads any more are used again.
#include "wgan/infer/build_plan.h"

#include <algorithm>
#include <limits>
#include <numeric>
#include <utility>

#include "wgan/core/error.h"

namespace wgan::infer {
namespace {

constexpr int64_t kStep = 16;  // numbers to which places are rounded

int64_t rounded(int64_t numbers) { return (numbers + kStep - 1) / kStep * kStep; }

int64_t size_of_picture(const Extent& e) { return int64_t{e.height} * e.width * e.channels; }

int32_t checked(int64_t number) {
  if (number <= std::numeric_limits<int32_t>::max()) return static_cast<int32_t>(number);
  throw Error(ErrorKind::kIncompatible, "the network is too large to be run here");
}

// Free stretches of memory, in order.
class Memory {
 public:
  int64_t take(int64_t size) {
    for (Stretch& s : free_) {
      if (s.end - s.begin < size) continue;
      const int64_t place = s.begin;
      s.begin += size;
      return place;
    }
    const bool grows = !free_.empty() && free_.back().end == end_;
    const int64_t place = grows ? free_.back().begin : end_;
    if (grows) free_.pop_back();
    end_ = place + size;
    return place;
  }

  void give_back(int64_t begin, int64_t size) {
    free_.push_back({begin, begin + size});
    std::ranges::sort(free_, {}, &Stretch::begin);
    std::vector<Stretch> joined;
    for (const Stretch& s : free_) {
      if (!joined.empty() && joined.back().end == s.begin) {
        joined.back().end = s.end;
      } else if (s.begin < s.end) {
        joined.push_back(s);
      }
    }
    free_ = std::move(joined);
  }

  int64_t end() const { return end_; }

 private:
  struct Stretch {
    int64_t begin, end;
  };
  std::vector<Stretch> free_;
  int64_t end_ = 0;
};

// Whether an operation may write where it reads, number by number.
bool works_in_place(Kind kind) { return kind == Kind::kCurve || kind == Kind::kScale; }

// Of each node, the first number of its picture.
std::vector<int64_t> places_of(const Graph& graph, int64_t& workspace) {
  const size_t count = graph.nodes.size();
  std::vector<size_t> last(count, 0);
  for (size_t i = 1; i < count; ++i) {
    last[static_cast<size_t>(graph.nodes[i].input)] = i;
    if (graph.nodes[i].second >= 0) last[static_cast<size_t>(graph.nodes[i].second)] = i;
  }
  last[count - 1] = count;
  const auto size = [&](size_t i) { return rounded(size_of_picture(graph.nodes[i].out)); };
  Memory memory;
  std::vector<int64_t> places(count);
  places[0] = memory.take(size(0));
  for (size_t i = 1; i < count; ++i) {
    const Node& node = graph.nodes[i];
    const auto input = static_cast<size_t>(node.input);
    const bool in_place = works_in_place(node.kind) && last[input] == i && size(input) == size(i);
    places[i] = in_place ? places[input] : memory.take(size(i));
    const auto done_with = [&](int32_t number) {
      const auto n = static_cast<size_t>(number);
      if (number >= 0 && last[n] == i) memory.give_back(places[n], size(n));
    };
    if (!in_place) done_with(node.input);
    if (node.second != node.input) done_with(node.second);
  }
  workspace = memory.end();
  return places;
}

class Packer {
 public:
  explicit Packer(BuiltPlan& plan) : plan_(plan) {}

  int32_t append(const std::vector<float>& numbers) {
    const int32_t place = begin();
    plan_.weights.insert(plan_.weights.end(), numbers.begin(), numbers.end());
    return place;
  }

  // A column after the other of each group, in blocks.
  int32_t append_bias(const Node& node) {
    const int32_t place = begin();
    for_each_block(node, [&](int64_t first, int64_t columns) {
      for (int64_t c = 0; c < kBlock; ++c) push(c < columns ? node.bias[index(first + c)] : 0);
    });
    return place;
  }

  // order: of the taps.
  int32_t append_part(const Node& node, const GraphPart& part, const std::vector<size_t>& order) {
    const int32_t place = begin();
    const int64_t channels = node.in.channels / node.groups;
    const int64_t depth = static_cast<int64_t>(order.size()) * channels;
    const auto weight = [&](int64_t k, int64_t column) {
      const auto tap = static_cast<int64_t>(order[index(k / channels)]);
      return part.weights[index((tap * channels + k % channels) * node.out.channels + column)];
    };
    for_each_block(node, [&](int64_t first, int64_t columns) {
      if (node.out.channels / node.groups <= kFew) {
        for (int64_t c = 0; c < kFew; ++c) {
          for (int64_t k = 0; k < padded(static_cast<int32_t>(depth)); ++k) {
            push(c < columns && k < depth ? weight(k, first + c) : 0);
          }
        }
        return;
      }
      for (int64_t k = 0; k < depth; ++k) {
        for (int64_t c = 0; c < kBlock; ++c) push(c < columns ? weight(k, first + c) : 0);
      }
    });
    return place;
  }

 private:
  int32_t begin() {
    plan_.weights.resize(index(rounded(static_cast<int64_t>(plan_.weights.size()))));
    return checked(static_cast<int64_t>(plan_.weights.size()));
  }
  void push(float number) { plan_.weights.push_back(number); }

  // act(first column, how many) for each block of each group.
  template <class Act>
  static void for_each_block(const Node& node, const Act& act) {
    const int64_t columns = node.out.channels / node.groups;
    for (int64_t group = 0; group < node.groups; ++group) {
      for (int64_t first = 0; first < columns; first += kBlock) {
        act(group * columns + first, std::min<int64_t>(kBlock, columns - first));
      }
    }
  }

  BuiltPlan& plan_;
};

// The numbers of the taps, row by row.
std::vector<size_t> order_of(const std::vector<Tap>& taps) {
  std::vector<size_t> order(taps.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::ranges::sort(order, {}, [&](size_t i) { return std::pair(taps[i].dy, taps[i].dx); });
  return order;
}

void append_runs(const std::vector<Tap>& taps, const std::vector<size_t>& order,
                 std::vector<Run>& runs) {
  const size_t first = runs.size();
  for (const size_t i : order) {
    const Tap& tap = taps[i];
    const bool goes_on = runs.size() > first && runs.back().dy == tap.dy &&
                         runs.back().dx + runs.back().taps == tap.dx;
    if (goes_on) {
      ++runs.back().taps;
    } else {
      runs.push_back({tap.dy, tap.dx, 1});
    }
  }
}

}  // namespace

BuiltPlan build_plan(const Graph& graph) {
  BuiltPlan built;
  int64_t workspace = 0;
  const std::vector<int64_t> places = places_of(graph, workspace);
  const auto place = [&](int32_t node) { return checked(places[static_cast<size_t>(node)]); };
  Packer packer(built);
  for (size_t i = 1; i < graph.nodes.size(); ++i) {
    const Node& node = graph.nodes[i];
    Operation o{.kind = node.kind,
                .from = place(node.input),
                .second = node.second < 0 ? -1 : place(node.second),
                .to = place(static_cast<int32_t>(i)),
                .in = node.in,
                .out = node.out,
                .curve = node.curve,
                .slope = node.slope,
                .groups = node.groups,
                .first_part = static_cast<int32_t>(built.parts.size()),
                .parts = static_cast<int32_t>(node.parts.size()),
                .weights = 0,
                .bias = 0,
                .amount = node.amount,
                .epsilon = node.epsilon,
                .share = node.share};
    if (node.kind == Kind::kProduct) {
      o.bias = packer.append_bias(node);
      for (const GraphPart& from : node.parts) {
        Part part = from.part;
        const std::vector<size_t> order = order_of(from.taps);
        part.first_run = static_cast<int32_t>(built.runs.size());
        append_runs(from.taps, order, built.runs);
        part.runs = static_cast<int32_t>(built.runs.size()) - part.first_run;
        part.depth = static_cast<int32_t>(order.size()) * node.in.channels / node.groups;
        part.weights = packer.append_part(node, from, order);
        built.parts.push_back(part);
      }
    } else {
      o.weights = packer.append(node.weights);
      o.bias = packer.append(node.bias);
    }
    built.operations.push_back(o);
  }
  checked(static_cast<int64_t>(built.weights.size()));
  built.sizes.operation_count = static_cast<int32_t>(built.operations.size());
  built.sizes.workspace = checked(workspace);
  built.sizes.input = place(0);
  built.sizes.output = place(static_cast<int32_t>(graph.nodes.size()) - 1);
  built.sizes.inputs = checked(size_of_picture(graph.input));
  built.sizes.outputs = checked(size_of_picture(graph.nodes.back().out));
  return built;
}

}  // namespace wgan::infer
