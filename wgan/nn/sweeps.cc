// The sweeps: walks over the list of layers, branches of residual sums included.
#include "wgan/nn/sweeps.h"

#include <torch/types.h>

#include <algorithm>
#include <set>
#include <utility>

#include "wgan/nn/affine.h"
#include "wgan/nn/forward.h"

namespace wgan {
namespace {

template <class Kind>
constexpr bool kSweptActivation =
    Kind::kTraits.kind == LayerKind::kActivation&& Kind::kTraits.sweeps != LayerSweeps::kNone;

// target <- d times the activation's derivative, from its output y; target may be d or y.
void differentiate_activation(const Layer& layer, at::Tensor target, const at::Tensor& d,
                              const at::Tensor& y) {
  std::visit(Match{[&](const LeakyRelu& l) {
                     if (l.slope == 0) {
                       at::threshold_backward_out(target, d, y, 0);
                     } else {
                       at::leaky_relu_backward_out(target, d, y, l.slope, true);
                     }
                   },
                   [&](const Tanh&) { at::tanh_backward_out(target, d, y); },
                   [&](const Sigmoid&) { at::sigmoid_backward_out(target, d, y); },
                   []<class Kind>(const Kind&) { static_assert(!kSweptActivation<Kind>); }},
             layer);
}

at::Tensor view_at(const std::vector<at::Tensor>& views, int64_t place) {
  return place < 0 ? at::Tensor() : views[static_cast<size_t>(place)];
}

bool is_activation(const Layer& layer) { return traits(layer).kind == LayerKind::kActivation; }

void activate_in_place(const Layer& layer, at::Tensor x) {
  std::visit(Match{[&](const LeakyRelu& l) {
                     if (l.slope == 0) {
                       x.relu_();
                     } else {
                       at::leaky_relu_(x, l.slope);
                     }
                   },
                   [&](const Tanh&) { x.tanh_(); }, [&](const Sigmoid&) { x.sigmoid_(); },
                   []<class Kind>(const Kind&) { static_assert(!kSweptActivation<Kind>); }},
             layer);
}

// Of the shape of x and without its numbers.
at::Tensor shape_of(const at::Tensor& x) { return x.new_empty({1}).expand(x.sizes()); }

// [C]: the sum over the rows, and over the pixels of images.
at::Tensor sum_of_rows(const at::Tensor& d) {
  const at::ScalarType wide = at::promote_types(d.scalar_type(), at::kFloat);
  if (d.is_cuda() && d.scalar_type() == wide) {  // several times as fast as sum
    const at::Tensor rows = d.dim() == 4 ? d.permute({0, 2, 3, 1}).reshape({-1, d.size(1)}) : d;
    return rows.t().mv(rows.new_ones({rows.size(0)}));
  }
  return d.dim() == 4 ? d.sum({0, 2, 3}, false, wide) : d.sum({0}, false, wide);
}

// The same of rows that count factors [R] times.
at::Tensor sum_of_rows(const at::Tensor& d, const at::Tensor& factors) {
  const at::ScalarType wide = at::promote_types(d.scalar_type(), at::kFloat);
  const at::Tensor each = d.dim() == 4 ? d.sum({2, 3}, false, wide) : d.to(wide);
  return each.t().mv(factors);
}

// Adds a layer's weight gradient over rows of its inputs x and of its outputs' gradients d, and its
// bias gradient over the first bias_rows of them, and the last that factors are given for.
void add_gradients(const Model& model, const Layer& layer, size_t number, const at::Tensor& d,
                   const at::Tensor& x, int64_t bias_rows, const at::Tensor& factors = {}) {
  const Place& place = model.places[number];
  view_at(model.gradient_views, place.weight)
      .add_(weight_gradient(layer, d, x, view_at(model.frozen, place.weight)));
  const at::Tensor bias = view_at(model.gradient_views, place.bias);
  if (!bias.defined()) return;
  const auto add = [&](const at::Tensor& sum) {  // all outputs of a Projection share one
    bias.add_(sum.sum_to_size(bias.sizes()));
  };
  if (bias_rows > 0) add(sum_of_rows(d.narrow(0, 0, bias_rows)));
  if (factors.defined()) add(sum_of_rows(d.slice(0, d.size(0) - factors.size(0)), factors));
}

// What the walks have in common.
class Walk {
 protected:
  explicit Walk(const Model& model) : model_(model) {}

  at::Tensor weight(size_t number) const {
    return view_at(model_.frozen, model_.places[number].weight);
  }
  at::Tensor bias(size_t number) const {
    return view_at(model_.frozen, model_.places[number].bias);
  }

  // Whether the layer, or one within it, has weights.
  bool has_weights(const Layer& layer, size_t number) const {
    const auto begin = model_.places.begin() + static_cast<int64_t>(number);
    const auto end = model_.places.begin() + static_cast<int64_t>(number_after(layer, number));
    return std::any_of(begin, end, [](const Place& place) { return place.weight >= 0; });
  }

  // Of a BatchNorm.
  struct Memory {
    at::Tensor mean;
    at::Tensor variance;
  };
  Memory running_moments(size_t number) const {
    const auto first = static_cast<size_t>(model_.places[number].memory);
    return {model_.memory[first], model_.memory[first + 1]};
  }

  const Model& model_;
};

class ForwardWalk : Walk {
 public:
  ForwardWalk(const Model& model, Trace& trace) : Walk(model), trace_(trace) {}

  at::Tensor run(const Layers& layers, size_t number, at::Tensor x) {
    bool ours = false;  // x is read by nobody else as it is
    for (const Layer& layer : layers) {
      trace_.inputs[number] = model_.places[number].weight >= 0 ? x : shape_of(x);
      if (const auto* residual = std::get_if<Residual>(&layer)) {
        const Branches at = branches(*residual, number);
        x = run(residual->body, at.body, x) + run(residual->shortcut, at.shortcut, x);
      } else if (const auto* norm = std::get_if<BatchNorm>(&layer)) {
        x = normalised(*norm, number, x);
      } else if (const auto* noise = std::get_if<GaussianNoise>(&layer)) {
        x = noisy(*noise, x, view_at(model_.memory, model_.places[number].memory));
      } else if (is_activation(layer)) {
        if (!ours) x = x.clone();
        activate_in_place(layer, x);
      } else {
        x = affine(layer, x, weight(number), bias(number));
      }
      ours = traits(layer).new_tensor || (ours && !is_activation(layer));
      if (is_activation(layer)) trace_.outputs[number] = x;
      number = number_after(layer, number);
    }
    return x;
  }

 private:
  at::Tensor normalised(const BatchNorm& layer, size_t number, const at::Tensor& x) {
    const Memory memory = running_moments(number);
    auto [y, mean, inverse_deviation] =
        at::native_batch_norm(x, weight(number), bias(number), memory.mean, memory.variance,
                              /*training=*/true, layer.momentum, layer.epsilon);
    trace_.moments[number] = {mean, inverse_deviation};
    return y;
  }

  Trace& trace_;
};

// What becomes of the gradients with respect to the outputs of layers with weights.
enum class Outputs {
  kKept,
  kUsed,  // those of rows before the first wanted one for weight gradients, the others kept
  kDropped
};

class AdjointWalk : Walk {
 public:
  // Below the lowest weights, only rows from first_row on are wanted.
  AdjointWalk(const Model& model, const Trace& trace, int64_t first_row, Outputs outputs,
              Adjoint& adjoint)
      : Walk(model), trace_(trace), first_row_(first_row), outputs_(outputs), adjoint_(adjoint) {}

  // d: the gradient with respect to the layers' output, rows `row`.. of the batch. bottom: there
  // are no weights below these layers. Returns the gradient with respect to their input: of rows
  // first_row.. at the bottom, undefined where that is none; of rows `row`.. elsewhere.
  at::Tensor run(const Layers& layers, size_t number, at::Tensor d, int64_t row, bool bottom) {
    std::vector<size_t> numbers;
    for (const Layer& layer : layers) {
      numbers.push_back(number);
      number = number_after(layer, number);
    }
    size_t lowest = 0;  // of the layers with weights
    while (lowest < layers.size() && !has_weights(layers[lowest], numbers[lowest])) ++lowest;
    bool ours = false;  // d is read by nobody else as it is
    at::Tensor free;    // of d's shape, where nobody will read the rows before first_row_
    const bool none_wanted = first_row_ == trace_.output.size(0);
    const auto narrow = [&] {
      d = d.slice(0, first_row_ - row);
      row = first_row_;
    };
    if (bottom && lowest == layers.size()) {
      if (none_wanted) return {};
      narrow();
    }
    for (size_t i = layers.size(); i-- > 0;) {
      const Layer& layer = layers[i];
      const bool last = bottom && i == lowest;
      const at::Tensor place = std::exchange(free, at::Tensor());
      if (const auto* residual = std::get_if<Residual>(&layer)) {
        const Branches at = branches(*residual, numbers[i]);
        const at::Tensor body = run(residual->body, at.body, d, row, last);
        const at::Tensor shortcut = run(residual->shortcut, at.shortcut, d, row, last);
        if (last && none_wanted) return {};
        d = body + shortcut;
        ours = true;
        if (last) row = first_row_;
        continue;
      }
      if (is_activation(layer)) {
        const at::Tensor into = ours ? d : at::empty_like(d);
        differentiate_activation(layer, into, d, trace_.outputs[numbers[i]].slice(0, row));
        d = into;
        ours = true;
        free = trace_.outputs[numbers[i]];
        continue;
      }
      if (const auto* norm = std::get_if<BatchNorm>(&layer)) {
        d = through_norm(*norm, numbers[i], d);
        ours = true;
        if (last && none_wanted) return {};
        continue;
      }
      if (model_.places[numbers[i]].weight >= 0) take(layer, numbers[i], d, place);
      if (last && none_wanted) return {};
      if (last) narrow();
      d = affine_adjoint(layer, d, trace_.inputs[numbers[i]].slice(0, row), weight(numbers[i]));
      ours = ours || traits(layer).new_tensor;
    }
    return d;
  }

 private:
  // d: of all rows. place: where what is kept can go.
  void take(const Layer& layer, size_t number, const at::Tensor& d, const at::Tensor& place) {
    if (outputs_ == Outputs::kDropped) return;
    if (outputs_ == Outputs::kKept) {
      adjoint_.outputs[number] = d;
      return;
    }
    if (first_row_ > 0) {
      add_gradients(model_, layer, number, d.narrow(0, 0, first_row_),
                    trace_.inputs[number].narrow(0, 0, first_row_), first_row_);
    }
    const at::Tensor rest = d.slice(0, first_row_);
    if (rest.size(0) == 0) return;
    if (place.defined() && rest.size(0) <= first_row_) {
      adjoint_.outputs[number] = place.narrow(0, 0, rest.size(0)).copy_(rest);
    } else {
      adjoint_.outputs[number] = rest.clone();
    }
  }

  at::Tensor through_norm(const BatchNorm& layer, size_t number, const at::Tensor& d) {
    const Memory memory = running_moments(number);
    const auto& [mean, inverse_deviation] = trace_.moments[number];
    auto [input, scale, shift] = at::native_batch_norm_backward(
        d, trace_.inputs[number], weight(number), memory.mean, memory.variance, mean,
        inverse_deviation, /*train=*/true, layer.epsilon, {true, true, true});
    if (outputs_ == Outputs::kUsed) {
      const Place& place = model_.places[number];
      view_at(model_.gradient_views, place.weight).add_(scale);
      view_at(model_.gradient_views, place.bias).add_(shift);
    }
    return input;
  }

  const Trace& trace_;
  const int64_t first_row_;
  const Outputs outputs_;
  Adjoint& adjoint_;
};

class TangentWalk : Walk {
 public:
  TangentWalk(const Model& model, Trace& trace, int64_t first_row, const at::Tensor& carried)
      : Walk(model), trace_(trace), first_row_(first_row), carried_(carried) {}

  // Returns the tangent at the layers' output; undefined where it is not wanted. Leaves the
  // tangents of the affine layers' inputs in the trace, or keeps them for store().
  at::Tensor run(const Layers& layers, size_t number, at::Tensor t, bool wanted) {
    size_t left = 0;  // layers with weights still to come
    size_t next = number;
    for (const Layer& layer : layers) {
      if (has_weights(layer, next)) ++left;
      next = number_after(layer, next);
    }
    bool ours = false;  // t is read by nobody else as it is
    for (const Layer& layer : layers) {
      if (!wanted && left == 0) return {};
      if (has_weights(layer, number)) --left;
      const bool last = !wanted && left == 0;
      if (const auto* residual = std::get_if<Residual>(&layer)) {
        const Branches at = branches(*residual, number);
        const at::Tensor body = run(residual->body, at.body, t, !last);
        const at::Tensor shortcut = run(residual->shortcut, at.shortcut, t, !last);
        if (last) return {};
        t = body + shortcut;
      } else if (is_activation(layer)) {
        t = through_activation(layer, number, t, ours);
      } else {
        if (model_.places[number].weight >= 0) take(number, t);
        if (last) return {};
        t = affine(layer, t, weight(number), {});
      }
      ours = ours || is_activation(layer) || traits(layer).new_tensor;
      number = number_after(layer, number);
    }
    return wanted ? t : at::Tensor();
  }

  // Puts the tangents into the inputs, where they are not there already.
  void store() const {
    for (const auto& [number, t] : tangents_) {
      const at::Tensor rows = trace_.inputs[number].slice(0, first_row_);
      if (rows.data_ptr() != t.data_ptr()) rows.copy_(t);
    }
  }

 private:
  at::Tensor through_activation(const Layer& layer, size_t number, const at::Tensor& t,
                                bool ours) const {
    const at::Tensor y = trace_.outputs[number].slice(0, first_row_);
    // Where no value is carried on, y's place is free: its sign is not asked for again.
    const at::Tensor into = !carried_.defined() ? y : ours ? t : at::empty_like(t);
    differentiate_activation(layer, into, t, y);
    return into;
  }

  void take(size_t number, const at::Tensor& t) {
    if (!carried_.defined()) {
      tangents_.emplace_back(number, t);
      return;
    }
    at::Tensor rows = trace_.inputs[number].slice(0, first_row_);
    if (!combined_.insert(rows.data_ptr()).second) return;  // branches of a sum share their input
    rows.mul_(beside_samples(carried_, rows)).add_(t);
  }

  Trace& trace_;
  const int64_t first_row_;
  const at::Tensor carried_;
  std::vector<std::pair<size_t, at::Tensor>> tangents_;  // by layer number
  std::set<void*> combined_;                             // inputs that have their tangents
};

Adjoint walk_back(const Model& model, const Trace& trace, const at::Tensor& seed, int64_t first_row,
                  Outputs outputs) {
  Adjoint adjoint{.outputs = std::vector<at::Tensor>(model.places.size()), .input = {}};
  adjoint.input = AdjointWalk(model, trace, first_row, outputs, adjoint)
                      .run(model.network.layers, 0, seed, 0, /*bottom=*/true);
  return adjoint;
}

}  // namespace

Trace forward_sweep(const Model& model, const at::Tensor& input) {
  const size_t layers = model.places.size();
  Trace trace{.inputs = std::vector<at::Tensor>(layers),
              .outputs = std::vector<at::Tensor>(layers),
              .moments = std::vector<std::array<at::Tensor, 2>>(layers),
              .output = {}};
  trace.output = ForwardWalk(model, trace).run(model.network.layers, 0, input);
  return trace;
}

Adjoint adjoint_sweep(const Model& model, const Trace& trace, const at::Tensor& seed,
                      int64_t first_row) {
  return walk_back(model, trace, seed, first_row, Outputs::kKept);
}

Adjoint backward_sweep(Model& model, Trace& trace, const at::Tensor& seed, int64_t first_row) {
  return walk_back(model, trace, seed, first_row, Outputs::kUsed);
}

at::Tensor input_gradient(const Model& model, const Trace& trace, const at::Tensor& seed) {
  return walk_back(model, trace, seed, 0, Outputs::kDropped).input;
}

void tangent_sweep(const Model& model, Trace& trace, const at::Tensor& direction,
                   const at::Tensor& carried) {
  TangentWalk walk(model, trace, trace.output.size(0) - direction.size(0),
                   carried.defined() ? carried.to(direction.scalar_type()) : carried);
  walk.run(model.network.layers, 0, direction, /*wanted=*/false);
  walk.store();
}

void weight_sweep(Model& model, const Trace& trace, const Adjoint& adjoint, int64_t bias_rows,
                  const at::Tensor& carried) {
  const auto layers = numbered(model.network.layers);
  for (size_t i = 0; i < layers.size(); ++i) {
    const at::Tensor& d = adjoint.outputs[i];
    if (!d.defined()) continue;
    const at::Tensor& x = trace.inputs[i];
    add_gradients(model, *layers[i], i, d, x.slice(0, x.size(0) - d.size(0)), bias_rows, carried);
  }
}

}  // namespace wgan
