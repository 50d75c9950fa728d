// The generator behind functions that never throw.
#include <algorithm>
#include <exception>
#include <string>
#include <utility>

#include "wgan/core/error.h"
#include "wgan/infer/generator.h"
#include "wgan/infer/wgan_infer.h"

struct wgan_generator {
  wgan::infer::Generator generator;
};

namespace wgan::infer {
namespace {

std::string& last_error() {
  thread_local std::string text;
  return text;
}

// 0, or -1 where act throws.
template <class Act>
int guarded(const Act& act) noexcept {
  try {
    act();
    return 0;
  } catch (const Error& error) {
    try {
      last_error() = error.what() + (error.hint().empty() ? "" : "; " + error.hint());
    } catch (...) {
    }
  } catch (const std::exception& error) {
    try {
      last_error() = error.what();
    } catch (...) {
    }
  } catch (...) {
  }
  return -1;
}

void want(bool good, const char* what) {
  if (!good) throw Error(ErrorKind::kUsage, what);
}

WantedInputs inputs_of(const Generator& generator, const wgan_wanted* wanted) {
  WantedInputs inputs;
  if (wanted == nullptr) return inputs;
  if (wanted->truncation != 0) inputs.truncation = wanted->truncation;
  if (wanted->has_class != 0) inputs.class_number = wanted->class_number;
  if (wanted->conditions != nullptr) {
    inputs.conditions.assign(wanted->conditions,
                             wanted->conditions + generator.state().known.conditions);
  }
  return inputs;
}

int threads_of(const wgan_wanted* wanted) { return wanted == nullptr ? 0 : wanted->threads; }

void copy_samples(const Generator& generator, const Samples& samples, uint8_t* pictures,
                  double* rows) {
  want(generator.makes_pictures() == (pictures != nullptr),
       generator.makes_pictures() ? "this generator makes pictures, not rows"
                                  : "this generator makes rows, not pictures");
  std::ranges::copy(samples.pictures, pictures);
  std::ranges::copy(samples.rows, rows);
}

int sample_into(const wgan_generator* g, const uint64_t* seeds, size_t count,
                const wgan_wanted* wanted, uint8_t* pictures, double* rows) {
  return guarded([&] {
    want(g != nullptr && (seeds != nullptr || count == 0),
         "a null pointer in place of a generator or seeds");
    const Generator& generator = g->generator;
    want(pictures != nullptr || rows != nullptr, "a null pointer in place of room for samples");
    copy_samples(generator,
                 generator.sample({seeds, count}, inputs_of(generator, wanted), threads_of(wanted)),
                 pictures, rows);
  });
}

int samples_of_latents(const wgan_generator* g, const float* latents, size_t count, int threads,
                       uint8_t* pictures, double* rows) {
  return guarded([&] {
    want(g != nullptr && (latents != nullptr || count == 0),
         "a null pointer in place of a generator or latents");
    want(pictures != nullptr || rows != nullptr, "a null pointer in place of room for samples");
    const Generator& generator = g->generator;
    const size_t numbers = count * index(generator.parts().size());
    copy_samples(generator, generator.from_latents({latents, numbers}, threads), pictures, rows);
  });
}

}  // namespace
}  // namespace wgan::infer

using wgan::infer::guarded;
using wgan::infer::index;

extern "C" {

wgan_generator* wgan_open(const char* path) {
  wgan_generator* opened = nullptr;
  guarded([&] {
    wgan::infer::want(path != nullptr, "a null pointer in place of a path");
    opened = new wgan_generator{wgan::infer::Generator::open(path)};
  });
  return opened;
}

void wgan_close(wgan_generator* generator) { delete generator; }

const char* wgan_last_error(void) { return wgan::infer::last_error().c_str(); }

int wgan_makes_pictures(const wgan_generator* g) {
  return g != nullptr && g->generator.makes_pictures() ? 1 : 0;
}

int wgan_shape(const wgan_generator* g, int64_t* shape, int most) {
  if (g == nullptr || (shape == nullptr && most > 0)) return 0;
  const wgan::Shape& row = g->generator.state().data.row_shape;
  const wgan::Shape& extents = row.empty() ? g->generator.state().data.shape : row;
  for (size_t i = 0; i < extents.size() && static_cast<int>(i) < most; ++i) shape[i] = extents[i];
  return static_cast<int>(extents.size());
}

size_t wgan_size(const wgan_generator* g) {
  return g == nullptr ? 0 : index(g->generator.runner().outputs());
}
size_t wgan_latent_size(const wgan_generator* g) {
  return g == nullptr ? 0 : index(g->generator.parts().size());
}
size_t wgan_class_count(const wgan_generator* g) {
  return g == nullptr ? 0 : index(g->generator.parts().known.classes);
}
size_t wgan_condition_count(const wgan_generator* g) {
  return g == nullptr ? 0 : index(g->generator.parts().known.conditions);
}

const char* wgan_class_name(const wgan_generator* g, size_t number) {
  if (g == nullptr) return nullptr;
  const auto& names = g->generator.state().data.class_names;
  return number < names.size() ? names[number].c_str() : nullptr;
}

int wgan_sample_pictures(const wgan_generator* g, const uint64_t* seeds, size_t count,
                         const wgan_wanted* wanted, uint8_t* pictures) {
  return wgan::infer::sample_into(g, seeds, count, wanted, pictures, nullptr);
}

int wgan_sample_rows(const wgan_generator* g, const uint64_t* seeds, size_t count,
                     const wgan_wanted* wanted, double* rows) {
  return wgan::infer::sample_into(g, seeds, count, wanted, nullptr, rows);
}

int wgan_latents(const wgan_generator* g, const uint64_t* seeds, size_t count,
                 const wgan_wanted* wanted, float* latents) {
  return guarded([&] {
    wgan::infer::want(g != nullptr && latents != nullptr && (seeds != nullptr || count == 0),
                      "a null pointer in place of a generator, seeds or room for latents");
    const auto& generator = g->generator;
    std::ranges::copy(
        wgan::inputs_of_seeds(generator.parts(), generator.state().data, {seeds, count},
                              wgan::infer::inputs_of(generator, wanted)),
        latents);
  });
}

int wgan_pictures_of_latents(const wgan_generator* g, const float* latents, size_t count,
                             int threads, uint8_t* pictures) {
  return wgan::infer::samples_of_latents(g, latents, count, threads, pictures, nullptr);
}

int wgan_rows_of_latents(const wgan_generator* g, const float* latents, size_t count, int threads,
                         double* rows) {
  return wgan::infer::samples_of_latents(g, latents, count, threads, nullptr, rows);
}

}  // extern "C"
