// The sweeps: walks over the list of layers, branches of residual sums included.
#include "wgan/nn/sweeps.h"

#include <torch/types.h>

#include <algorithm>
#include <set>
#include <utility>

#include "wgan/nn/activations.h"
#include "wgan/nn/affine.h"
#include "wgan/nn/forward.h"
#include "wgan/nn/layer_norm.h"
#include "wgan/nn/walk.h"

namespace wgan {
namespace {

// Of the shape of x and without its numbers.
at::Tensor shape_of(const at::Tensor& x) { return x.new_empty({1}).expand(x.sizes()); }

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
      } else if (const auto* batch_norm = std::get_if<BatchNorm>(&layer)) {
        x = normalised(*batch_norm, number, x);
      } else if (const auto* norm = std::get_if<LayerNorm>(&layer)) {
        x = layer_norm(*norm, x, weight(number), bias(number), trace_.moments[number]);
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
  // Below the lowest weights, only rows from first_row on are wanted. curvature: what is added to
  // gradients with respect to the inputs of layers, of the last rows; or none.
  AdjointWalk(const Model& model, const Trace& trace, int64_t first_row, Outputs outputs,
              Adjoint& adjoint, const Curvature& curvature)
      : Walk(model),
        trace_(trace),
        first_row_(first_row),
        outputs_(outputs),
        adjoint_(adjoint),
        curvature_(curvature) {}

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
      const bool kept = outputs_ == Outputs::kKept && is_curved(layer);
      if (kept) adjoint_.outputs[numbers[i]] = d;
      if (is_activation(layer)) {
        const at::Tensor into = ours && !kept ? d : at::empty_like(d);
        differentiate_activation(layer, into, d, trace_.outputs[numbers[i]].slice(0, row));
        d = into;
        ours = true;
        free = trace_.outputs[numbers[i]];
        bend(numbers[i], d);
        continue;
      }
      if (traits(layer).kind == LayerKind::kNorm) {
        d = through_norm(layer, numbers[i], d, row);
        ours = true;
        if (last && none_wanted) return {};
        if (last) narrow();
        bend(numbers[i], d);
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

  // d: of rows `row`.. of the batch.
  at::Tensor through_norm(const Layer& layer, size_t number, const at::Tensor& d, int64_t row) {
    if (const auto* norm = std::get_if<BatchNorm>(&layer)) return through_batch(*norm, number, d);
    const auto& [mean, r] = trace_.moments[number];
    const auto [input, scale, shift] =
        layer_norm_adjoint(d, trace_.inputs[number].slice(0, row), weight(number),
                           {mean.slice(0, row), r.slice(0, row)});
    if (outputs_ == Outputs::kUsed) add_norm_gradients(model_, number, scale, shift);
    return input;
  }

  at::Tensor through_batch(const BatchNorm& layer, size_t number, const at::Tensor& d) {
    const Memory memory = running_moments(number);
    const auto& [mean, inverse_deviation] = trace_.moments[number];
    auto [input, scale, shift] = at::native_batch_norm_backward(
        d, trace_.inputs[number], weight(number), memory.mean, memory.variance, mean,
        inverse_deviation, /*train=*/true, layer.epsilon, {true, true, true});
    if (outputs_ == Outputs::kUsed) add_norm_gradients(model_, number, scale, shift);
    return input;
  }

  // d: with respect to the layer's input, read by nobody else.
  void bend(size_t number, const at::Tensor& d) const {
    if (curvature_.inputs.empty() || !curvature_.inputs[number].defined()) return;
    const at::Tensor& more = curvature_.inputs[number];
    d.slice(0, d.size(0) - more.size(0)).add_(more);
  }

  const Trace& trace_;
  const int64_t first_row_;
  const Outputs outputs_;
  Adjoint& adjoint_;
  const Curvature& curvature_;
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
                  Outputs outputs, const Curvature& curvature = {}) {
  Adjoint adjoint{.outputs = std::vector<at::Tensor>(model.places.size()), .input = {}};
  const int64_t row = trace.output.size(0) - seed.size(0);
  adjoint.input = AdjointWalk(model, trace, first_row, outputs, adjoint, curvature)
                      .run(model.network.layers, 0, seed, row, /*bottom=*/true);
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

Adjoint backward_sweep(Model& model, Trace& trace, const at::Tensor& seed, int64_t first_row,
                       const Curvature& curvature) {
  return walk_back(model, trace, seed, first_row, Outputs::kUsed, curvature);
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
    if (!d.defined() || traits(*layers[i]).kind != LayerKind::kWeights) continue;
    const at::Tensor& x = trace.inputs[i];
    add_gradients(model, *layers[i], i, d, x.slice(0, x.size(0) - d.size(0)), bias_rows, carried);
  }
}

}  // namespace wgan
