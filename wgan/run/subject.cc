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

}  // namespace

Subject open_subject(const std::string& named, const std::string& device, const fs::path& runs,
                     DataOptions options) {
  Subject subject{.name = named, .run = {}, .generator = {}, .samples = {}};
  if (is_run(named)) {
    subject.generator = load_generator(named, device, runs);
    const fs::path folder = fs::absolute(subject.generator->checkpoint).parent_path();
    if (folder.filename() == "checkpoints") subject.run = folder.parent_path();
    return subject;
  }
  options.data = named;
  options.split = Split::kAll;
  subject.samples = open_dataset(options, 0);
  return subject;
}

at::Tensor rows_of(const Subject& subject, uint64_t first_seed, int64_t n,
                   const Dataset& conditions_of) {
  return subject.samples ? data_rows(*subject.samples, n)
                         : first_samples(*subject.generator, first_seed, n, conditions_of);
}

DataOptions data_options_of(const Generator& generator) {
  return read_checkpoint_state(generator.checkpoint).data_options;
}

}  // namespace wgan
