// Draws and maps.
#include "wgan/train/augmentation.h"

#include <fmt/format.h>
#include <torch/types.h>

#include <algorithm>
#include <cmath>

#include "wgan/core/options.h"

namespace wgan {
namespace {

// The columns of the draws.
enum Column { kFlip, kBrightness, kSaturation, kContrast, kDown, kRight, kTop, kLeft };

constexpr float kNowhere = 1e6;  // far outside of every picture

// Half of a side, and an eighth of it, as published.
int64_t part_of_side(int64_t side, double share) {
  return static_cast<int64_t>(static_cast<double>(side) * share + 0.5);
}

at::Tensor column(const at::Tensor& draws, Column which, const at::Tensor& x) {
  return draws.select(1, which).to(x.scalar_type()).view({-1, 1, 1, 1});
}

// The linear part of the change of colors; channels beyond three are none.
at::Tensor recolored(const at::Tensor& x, const at::Tensor& draws, bool back) {
  const auto saturated = [&](const at::Tensor& y) {
    return torch::lerp(y.mean({1}, /*keepdim=*/true), y, column(draws, kSaturation, x));
  };
  const auto contrasted = [&](const at::Tensor& y) {
    return torch::lerp(y.mean({1, 2, 3}, /*keepdim=*/true), y, column(draws, kContrast, x));
  };
  return back ? saturated(contrasted(x)) : contrasted(saturated(x));
}

int64_t color_channels(const at::Tensor& x) { return std::min<int64_t>(x.size(1), 3); }

// `change` of the first channels, with the others as they are.
template <class Change>
at::Tensor with_first(const at::Tensor& x, int64_t channels, const Change& change) {
  if (channels == x.size(1)) return change(x);
  return torch::cat({change(x.narrow(1, 0, channels)), x.slice(1, channels)}, 1);
}

// Where pixels come from along one axis, [B, n] int64, and whether that is inside, as 1 or 0.
struct Sources {
  at::Tensor index;
  at::Tensor inside;
};

Sources sources(const at::Tensor& from, int64_t n) {
  return {from.clamp(0, n - 1), (from >= 0).logical_and_(from < n)};
}

// x at these rows and columns, [B, C, H, W].
at::Tensor gathered(const at::Tensor& x, const Sources& rows, const Sources& columns) {
  const at::Tensor pixels = x.permute({0, 2, 3, 1});
  const at::Tensor picture = torch::arange(x.size(0), rows.index.options()).view({-1, 1, 1});
  const at::Tensor found =
      pixels.index({picture, rows.index.unsqueeze(2), columns.index.unsqueeze(1)});
  return found.permute({0, 3, 1, 2});
}

// Flip, translation and cutout: pixels move, or become zero.
class Geometry {
 public:
  Geometry(const Augment& augment, const at::Tensor& draws, const at::Tensor& x)
      : augment_(augment),
        draws_(draws),
        height_(x.size(2)),
        width_(x.size(3)),
        rows_(sources(places(height_) + shift(kDown), height_)),
        columns_(sources(places(width_) + shift(kRight), width_)) {}

  at::Tensor apply(const at::Tensor& x) const {
    return gathered(x, rows_, {flipped(columns_.index), columns_.inside}) * mask(x);
  }

  at::Tensor apply_transposed(const at::Tensor& d) const {
    const Sources back_rows = sources(places(height_) - shift(kDown), height_);
    const Sources back_columns =
        sources(flipped(places(width_).expand({draws_.size(0), width_})) - shift(kRight), width_);
    return gathered(d * mask(d), back_rows, back_columns) * inside(back_rows, back_columns, d);
  }

 private:
  at::Tensor places(int64_t n) const {  // [1, n]
    return torch::arange(n, draws_.options().dtype(torch::kInt64)).unsqueeze(0);
  }
  at::Tensor shift(Column which) const {  // [B, 1]
    return draws_.select(1, which).to(torch::kInt64).unsqueeze(1);
  }
  at::Tensor flipped(const at::Tensor& columns) const {
    if (!augment_.flip) return columns;
    const at::Tensor flips = draws_.select(1, kFlip).unsqueeze(1) > 0;
    return torch::where(flips, width_ - 1 - columns, columns);
  }
  static at::Tensor inside(const Sources& rows, const Sources& columns, const at::Tensor& x) {
    return rows.inside.unsqueeze(2)
        .logical_and(columns.inside.unsqueeze(1))
        .to(x.scalar_type())
        .unsqueeze(1);
  }
  // [B, 1, H, W]: 0 where zeros are to be.
  at::Tensor mask(const at::Tensor& x) const {
    const at::Tensor kept = inside(rows_, columns_, x);
    if (!augment_.cutout) return kept;
    const auto in_hole = [&](Column first, int64_t n) {
      const at::Tensor from = places(n) - shift(first);
      return (from >= 0).logical_and_(from < part_of_side(n, 0.5));
    };
    const at::Tensor hole =
        in_hole(kTop, height_).unsqueeze(2).logical_and(in_hole(kLeft, width_).unsqueeze(1));
    return kept * hole.logical_not().to(x.scalar_type()).unsqueeze(1);
  }

  const Augment& augment_;
  const at::Tensor& draws_;
  const int64_t height_, width_;
  const Sources rows_, columns_;  // of the translation
};

bool moves(const Augment& a) { return a.flip || a.translation || a.cutout; }

int64_t picture_channels(const Augment& a, const at::Tensor& x) { return x.size(1) - a.conditions; }

// The linear part, and the constant where there is one.
at::Tensor mapped(const Augment& a, const at::Tensor& x, const at::Tensor& draws, bool constant) {
  if (!draws.defined()) return x;
  return with_first(x, picture_channels(a, x), [&](at::Tensor y) {
    if (a.color) {
      y = with_first(y, color_channels(y), [&](const at::Tensor& colors) {
        return recolored(constant ? colors + column(draws, kBrightness, x) : colors, draws,
                         /*back=*/false);
      });
    }
    return moves(a) ? Geometry(a, draws, x).apply(y) : y;
  });
}

}  // namespace

Augment parse_augment(const std::string& text) {
  Augment augment;
  if (text == "none") return augment;
  for (const std::string& name : split(text, ',')) {
    if (name == "flip") {
      augment.flip = true;
    } else if (name == "color") {
      augment.color = true;
    } else if (name == "translation") {
      augment.translation = true;
    } else if (name == "cutout") {
      augment.cutout = true;
    } else {
      throw Error(ErrorKind::kUsage, fmt::format("--augment: '{}' is not known", name),
                  "give none, or some of color, translation, cutout and flip, such as "
                  "color,translation,cutout");
    }
  }
  return augment;
}

at::Tensor augment_draws(const Augment& a, double strength, const Shape& sample, PixelRange range,
                         const RandomAddress& first, int64_t rows) {
  const int64_t height = sample[1], width = sample[2];
  const float brightness = range == PixelRange::kSigned ? 1 : 0.5f;  // in halves of the range
  at::Tensor draws = torch::empty({rows, kAugmentDraws});
  auto* row = draws.data_ptr<float>();
  for (int64_t i = 0; i < rows; ++i, row += kAugmentDraws) {
    RandomAddress address = first;
    address.index += static_cast<uint64_t>(i);
    Draws numbers(address);
    // Every number is drawn, used or not, so that the changes do not depend on one another.
    const auto gate = [&](bool wanted) { return numbers.uniform() < strength && wanted; };
    const bool flip = gate(a.flip), color = gate(a.color);
    const bool translation = gate(a.translation), cutout = gate(a.cutout);
    const auto either = [&](bool changed, float value, float as_it_is) {
      return changed ? value : as_it_is;
    };
    const auto shift = [&](int64_t side) {
      const int64_t most = part_of_side(side, 0.125);
      return static_cast<float>(int64_t{numbers.below(static_cast<uint32_t>(2 * most + 1))} - most);
    };
    // The centre is uniform over the picture, and one place more where the square is even.
    const auto start = [&](int64_t side) {
      const int64_t square = part_of_side(side, 0.5);
      const auto places = static_cast<uint32_t>(side + (square % 2 == 0 ? 1 : 0));
      return static_cast<float>(int64_t{numbers.below(places)} - square / 2);
    };
    row[kFlip] = either(flip, numbers.uniform() < 0.5f, 0);
    row[kBrightness] = either(color, brightness * numbers.uniform(-0.5f, 0.5f), 0);
    row[kSaturation] = either(color, numbers.uniform(0, 2), 1);
    row[kContrast] = either(color, numbers.uniform(0.5f, 1.5f), 1);
    row[kDown] = either(translation, shift(height), 0);
    row[kRight] = either(translation, shift(width), 0);
    row[kTop] = either(cutout, start(height), kNowhere);
    row[kLeft] = either(cutout, start(width), kNowhere);
  }
  return draws;
}

at::Tensor augmented(const Augment& augment, const at::Tensor& x, const at::Tensor& draws) {
  return mapped(augment, x, draws, /*constant=*/true);
}

at::Tensor augmented_tangent(const Augment& augment, const at::Tensor& t, const at::Tensor& draws) {
  return mapped(augment, t, draws, /*constant=*/false);
}

at::Tensor augmented_adjoint(const Augment& a, const at::Tensor& d, const at::Tensor& draws) {
  if (!draws.defined()) return d;
  return with_first(d, picture_channels(a, d), [&](at::Tensor y) {
    if (moves(a)) y = Geometry(a, draws, d).apply_transposed(y);
    if (!a.color) return y;
    return with_first(y, color_channels(y), [&](const at::Tensor& colors) {
      return recolored(colors, draws, /*back=*/true);
    });
  });
}

}  // namespace wgan
