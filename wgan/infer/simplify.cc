// Rules that make two operations one, each a function of its own.
#include "wgan/infer/simplify.h"

#include <algorithm>
#include <array>
#include <utility>

namespace wgan::infer {
namespace {

// What a rule sees: a node, the one that it takes, and whether nothing else takes that.
struct Pair {
  Node& first;
  Node& then;
};

// What a rule has done: nothing, made `first` do the work of both, or changed both.
enum class Change { kNone, kMerged, kBoth };
using Rule = Change (*)(const Pair& pair);

// A product's curve is max(x, slope x), or none.
bool fits_product(Curve curve) { return curve == Curve::kNone || curve == Curve::kLeaky; }

Change merged_curve(const Pair& p) {
  p.first.curve = p.then.curve;
  p.first.slope = p.then.slope;
  return Change::kMerged;
}

bool is_linear(const Node& n) {
  return n.kind == Kind::kProduct && n.curve == Curve::kNone && n.second < 0;
}

// Of a product: act(column's weights and bias).
template <class Act>
void for_each_column(Node& product, const Act& act) {
  const int64_t columns = product.out.channels;
  for (GraphPart& part : product.parts) {
    for (size_t i = 0; i < part.weights.size(); ++i)
      act(part.weights[i], index(static_cast<int64_t>(i) % columns));
  }
}

// A product, then a scale and shift of its channels.
Change scale_into_product(const Pair& p) {
  if (!is_linear(p.first) || p.then.kind != Kind::kScale || !fits_product(p.then.curve)) {
    return Change::kNone;
  }
  const size_t channels = p.then.weights.size();  // a matrix may make several pixels of them
  for_each_column(
      p.first, [&](float& weight, size_t column) { weight *= p.then.weights[column % channels]; });
  for (size_t i = 0; i < p.first.bias.size(); ++i) {
    p.first.bias[i] =
        static_cast<float>(double{p.first.bias[i]} * double{p.then.weights[i % channels]} +
                           double{p.then.bias[i % channels]});
  }
  return merged_curve(p);
}

// A product takes max(x, slope x) with it, other operations any curve.
Change curve_into_operation(const Pair& p) {
  const bool fits = p.then.kind == Kind::kCurve && p.first.curve == Curve::kNone &&
                    (p.first.kind != Kind::kProduct || fits_product(p.then.curve));
  return fits ? merged_curve(p) : Change::kNone;
}

// The top left of a product's pixels.
Change crop_into_product(const Pair& p) {
  // The one pixel of a matrix may be taken for a picture of several.
  const bool fits = is_linear(p.first) && p.then.kind == Kind::kCrop &&
                    fits_product(p.then.curve) && p.first.out.channels == p.then.in.channels;
  if (!fits) return Change::kNone;
  const auto count = [](int32_t n, int32_t first, int32_t step) {
    return std::max(0, (n - first + step - 1) / step);
  };
  for (GraphPart& part : p.first.parts) {
    part.part.height =
        std::min(part.part.height, count(p.then.out.height, part.part.out_y, part.part.out_step));
    part.part.width =
        std::min(part.part.width, count(p.then.out.width, part.part.out_x, part.part.out_step));
  }
  std::erase_if(p.first.parts, [](const GraphPart& part) {
    return part.part.height == 0 || part.part.width == 0;
  });
  p.first.out = p.then.out;
  return merged_curve(p);
}

// An operation without a curve whose result a product alone takes.
bool comes_before_product(const Pair& p) {
  return p.first.curve == Curve::kNone && p.then.kind == Kind::kProduct && p.then.second < 0;
}

// The product takes what `first` took.
Change product_in_place(const Pair& p) {
  p.then.input = p.first.input;
  p.then.in = p.first.in;
  p.first = std::move(p.then);
  return Change::kMerged;
}

// Zeros around what a product reads: it reads zeros outside anyway.
Change pad_into_product(const Pair& p) {
  if (p.first.kind != Kind::kPad || !comes_before_product(p)) return Change::kNone;
  const int32_t before = p.first.amount;
  for (GraphPart& part : p.then.parts) {
    for (Tap& tap : part.taps) tap.dy -= before, tap.dx -= before;
  }
  return product_in_place(p);
}

int32_t floor_half(int32_t n) { return n >= 0 ? n / 2 : -((1 - n) / 2); }

// One of the four phases of a convolution of pixels that each stand there four times: taps that
// fall on the same pixel are one, of the sum of their weights.
GraphPart phase_of(const GraphPart& from, const Extent& out, int32_t y, int32_t x) {
  GraphPart to{.part = {(out.height - y + 1) / 2, (out.width - x + 1) / 2, y, x, 2, 1, 0, 0, 0, 0},
               .taps = {},
               .weights = {}};
  const size_t matrix = from.weights.size() / from.taps.size();
  for (size_t t = 0; t < from.taps.size(); ++t) {
    const Tap tap{floor_half(y + from.taps[t].dy), floor_half(x + from.taps[t].dx)};
    size_t at = 0;
    while (at < to.taps.size() && (to.taps[at].dy != tap.dy || to.taps[at].dx != tap.dx)) ++at;
    if (at == to.taps.size()) {
      to.taps.push_back(tap);
      to.weights.resize(to.weights.size() + matrix);
    }
    for (size_t i = 0; i < matrix; ++i) to.weights[at * matrix + i] += from.weights[t * matrix + i];
  }
  return to;
}

Change upsample_into_product(const Pair& p) {
  if (p.first.kind != Kind::kUpsample || !comes_before_product(p)) return Change::kNone;
  const bool plain = p.then.parts.size() == 1 && p.then.parts[0].part.in_step == 1 &&
                     p.then.parts[0].part.out_step == 1;
  if (!plain || p.then.parts[0].taps.size() == 1) return Change::kNone;
  const GraphPart whole = std::move(p.then.parts[0]);
  p.then.parts.clear();
  for (int32_t y = 0; y < 2; ++y) {
    for (int32_t x = 0; x < 2; ++x) p.then.parts.push_back(phase_of(whole, p.then.out, y, x));
  }
  return product_in_place(p);
}

// A matrix whose result is taken for a picture, with scales on the way: its columns are put in the
// order of the picture's numbers.
void permute(std::vector<float>& numbers, const Extent& image) {
  const int32_t pixels = image.height * image.width;
  if (numbers.size() != index(int64_t{pixels} * image.channels)) return;
  std::vector<float> to(numbers.size());
  for (int32_t c = 0; c < image.channels; ++c) {
    for (int32_t i = 0; i < pixels; ++i) {
      to[index(int64_t{i} * image.channels + c)] = numbers[index(int64_t{c} * pixels + i)];
    }
  }
  numbers = std::move(to);
}

Change reorder_into_matrix(const Pair& p) {
  const bool fits = p.then.kind == Kind::kReorder && p.first.kind == Kind::kProduct &&
                    p.first.second < 0 && p.first.groups == 1 &&
                    p.first.out.height * p.first.out.width == 1 && fits_product(p.then.curve);
  if (!fits) return Change::kNone;
  const int64_t columns = p.first.out.channels;
  for (GraphPart& part : p.first.parts) {
    for (size_t row = 0; row < part.weights.size(); row += index(columns)) {
      const auto begin = part.weights.begin() + static_cast<int64_t>(row);
      std::vector<float> one(begin, begin + columns);
      permute(one, p.then.out);
      std::copy(one.begin(), one.end(), begin);
    }
  }
  permute(p.first.bias, p.then.out);
  return p.then.curve == Curve::kNone ? Change::kMerged : merged_curve(p);
}

// The rearrangement before what acts on each number alone, where it may meet a matrix.
Change reorder_first(const Pair& p) {
  const bool fits = p.then.kind == Kind::kReorder && p.then.curve == Curve::kNone &&
                    (p.first.kind == Kind::kScale || p.first.kind == Kind::kCurve);
  if (!fits) return Change::kNone;
  const Extent image = p.then.out, vector = p.then.in;
  permute(p.first.weights, image);
  permute(p.first.bias, image);
  std::swap(p.first.kind, p.then.kind);
  std::swap(p.first.curve, p.then.curve);
  std::swap(p.first.slope, p.then.slope);
  std::swap(p.first.weights, p.then.weights);
  std::swap(p.first.bias, p.then.bias);
  p.first.out = image;
  p.then.in = p.then.out = vector;  // seen as a vector, whose numbers have a scale each
  return Change::kBoth;
}

// A sum of a product and what is there before it.
Change sum_into_product(const Pair& p, int32_t first, int32_t other) {
  if (!is_linear(p.first) || other >= first || !fits_product(p.then.curve)) return Change::kNone;
  p.first.second = other;
  return merged_curve(p);
}

Change apply_rules(const Pair& pair) {
  constexpr std::array<Rule, 7> kRules{
      reorder_first,        reorder_into_matrix, crop_into_product,    scale_into_product,
      curve_into_operation, pad_into_product,    upsample_into_product};
  for (const Rule rule : kRules) {
    const Change change = rule(pair);
    if (change != Change::kNone) return change;
  }
  return Change::kNone;
}

// How many nodes take each.
std::vector<int32_t> uses(const Graph& graph) {
  std::vector<int32_t> count(graph.nodes.size());
  for (size_t i = 1; i < graph.nodes.size(); ++i) {
    ++count[index(graph.nodes[i].input)];
    if (graph.nodes[i].second >= 0) ++count[index(graph.nodes[i].second)];
  }
  return count;
}

// Takes node `gone` away, whose work node `by` does now.
void remove(Graph& graph, int32_t gone, int32_t by) {
  graph.nodes.erase(graph.nodes.begin() + gone);
  const auto renumber = [&](int32_t& number) {
    if (number == gone) number = by;
    if (number > gone) --number;
  };
  for (Node& node : graph.nodes) {
    renumber(node.input);
    renumber(node.second);
  }
}

// One change, if there is any to be made.
bool change(Graph& graph) {
  const std::vector<int32_t> count = uses(graph);
  for (size_t i = 2; i < graph.nodes.size(); ++i) {
    Node& then = graph.nodes[i];
    for (const int32_t number : {then.input, then.second}) {
      if (number <= 0 || count[index(number)] != 1) continue;
      const Pair pair{graph.nodes[index(number)], then};
      Change made = Change::kNone;
      if (then.kind == Kind::kAdd) {
        made = sum_into_product(pair, number, number == then.input ? then.second : then.input);
      } else if (then.second < 0) {
        made = apply_rules(pair);
      }
      if (made == Change::kMerged) remove(graph, static_cast<int32_t>(i), number);
      if (made != Change::kNone) return true;
    }
  }
  return false;
}

}  // namespace

void simplify(Graph& graph) {
  while (change(graph)) {
  }
}

}  // namespace wgan::infer
