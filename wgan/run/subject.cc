// Opening what is judged.
#include "wgan/run/subject.h"

#include <utility>

#include "wgan/data/open.h"
#include "wgan/judge/data_rows.h"
#include "wgan/judge/reference.h"
#include "wgan/run/load_generator.h"

namespace wgan {
namespace {

namespace fs = std::filesystem;

bool is_run(const std::string& named) {
  const fs::path path = named;
  if (named == "latest" && !fs::exists(path)) return true;
  return fs::exists(path / "state.json") || fs::exists(path / "checkpoints");
}

DataOptions all_rows_of(const std::string& data, DataOptions options) {
  options.data = data;
  options.split = Split::kAll;
  options.holdout = 0;
  return options;
}

}  // namespace

Subject open_subject(const std::string& named, const std::string& device, const fs::path& runs) {
  Subject subject{.name = named, .run = {}, .generator = {}, .samples = {}};
  if (!is_run(named) && !is_generator_file(named)) {
    if (is_embedded(named) || !is_picture_source(named)) {
      subject.samples = open_dataset(all_rows_of(named, {}), 0);
    }
    return subject;
  }
  subject.generator = load_generator(named, device, runs);
  subject.run = run_of_checkpoint(subject.generator->checkpoint);
  return subject;
}

void open_samples(Subject& subject, const DataOptions& options, const Dataset& like,
                  const Progress& progress) {
  if (subject.generator || subject.samples) return;
  DataOptions whole = all_rows_of(subject.name, options);
  if (like.is_image()) {
    if (whole.size == PictureSize{}) whole.size = {like.shape[1], like.shape[0]};
    if (whole.channels == Channels::kAuto) {
      if (like.shape[2] == 1) whole.channels = Channels::kGrey;
      if (like.shape[2] == 3) whole.channels = Channels::kRgb;
      if (like.shape[2] == 4) whole.channels = Channels::kRgba;
    }
  }
  subject.samples = open_dataset(whole, 0, progress);
}

at::Tensor rows_of(const Subject& subject, uint64_t first_seed, int64_t n, const Dataset& like) {
  return subject.samples ? data_rows(*subject.samples, n)
                         : first_samples(*subject.generator, first_seed, n, like);
}

}  // namespace wgan
