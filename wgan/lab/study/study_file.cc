// Reading and checking studies, and the list of their runs.
#include "wgan/lab/study/study_file.h"

#include <fmt/format.h>

#include <algorithm>

#include "wgan/core/counted.h"
#include "wgan/core/random.h"

namespace wgan {
namespace {

constexpr int64_t kMostJobs = 10'000;

bool among(const std::vector<std::string>& names, const std::string& name) {
  return std::ranges::find(names, name) != names.end();
}

// Keys that the study itself decides.
const std::vector<std::string> kOwn = {"seed", "out", "name"};

void check_keys(const Settings& lines, const std::vector<std::string>& known,
                const std::string& place) {
  for (const Setting& line : lines) {
    if (among(kOwn, line.name)) {
      throw Error(ErrorKind::kUsage,
                  fmt::format("{}: '{}' is decided by the study", place, line.name),
                  "seeds are listed by 'seeds'; the folder is given by --out");
    }
    if (among(known, line.name)) continue;
    const std::string near = nearest_name(line.name, known);
    throw Error(
        ErrorKind::kUsage, fmt::format("{}: '{}' is no option there", place, line.name),
        near.empty() ? "see wgan compare-recipes --help" : fmt::format("did you mean '{}'?", near));
  }
}

// Throws where a value is none of its option's.
void check_values(const Settings& lines) {
  SessionOptions trial;
  apply_settings(lines, trial);
}

std::string number_text(int64_t number, int64_t most) {
  const size_t digits = std::to_string(most).size();
  std::string text = std::to_string(number);
  return std::string(digits - text.size(), '0') + text;
}

}  // namespace

Study read_study(const std::filesystem::path& file) {
  SessionOptions session;
  DataOptions data;
  StudyOptions own;
  const std::vector<std::string> train_names = names_of(session.fields());
  std::vector<std::string> shared_names = train_names;
  for (const Fields& fields : {data.fields(), own.fields()}) {
    for (const Field& field : fields) shared_names.push_back(field.name);
  }
  Study study;
  for (ConfigTable& table : read_config_tables(file)) {
    const std::string place =
        table.name.empty() ? file.string() : fmt::format("{}, [{}]", file.string(), table.name);
    check_keys(table.lines, table.name.empty() ? shared_names : train_names, place);
    if (table.name.empty()) {
      study.shared = std::move(table.lines);
    } else if (table.name == "draw") {
      for (const Setting& line : table.lines) {
        study.choices.push_back({line.name, split(line.text, '|')});
        for (const std::string& text : study.choices.back().texts) {
          check_values({{line.name, text}});
        }
      }
    } else {
      check_values(table.lines);
      study.recipes.push_back({table.name, std::move(table.lines)});
    }
  }
  if (study.recipes.empty()) {
    throw Error(ErrorKind::kUsage, fmt::format("{}: no recipes", file.string()),
                "give each a table: [NAME], and its options below");
  }
  return study;
}

std::vector<Job> jobs_of(const Study& study) {
  StudyOptions o;
  apply_settings(study.shared, o);
  const std::vector<double> seeds = parse_numbers("seeds", o.seeds);
  if (o.draws < 0 || (o.draws > 0) == study.choices.empty()) {
    throw Error(ErrorKind::kUsage,
                fmt::format("draws is {}, and [draw] has {}", o.draws,
                            counted(study.choices.size(), "choice")),
                "give both, or neither");
  }
  const int64_t draws = std::max<int64_t>(1, o.draws);
  const auto count = draws * static_cast<int64_t>(seeds.size() * study.recipes.size());
  if (count > kMostJobs) {
    throw Error(ErrorKind::kUsage, fmt::format("{} runs, at most {}", count, kMostJobs));
  }
  std::vector<Job> jobs;
  for (int64_t draw = 0; draw < draws; ++draw) {
    Settings drawn;
    for (size_t i = 0; i < study.choices.size(); ++i) {
      const Choice& choice = study.choices[i];
      Draws draws_of(
          {static_cast<uint64_t>(o.draw_seed), Stream::kStudy, static_cast<uint64_t>(draw), i});
      drawn.push_back(
          {choice.key, choice.texts[draws_of.below(static_cast<uint32_t>(choice.texts.size()))]});
    }
    for (const double seed : seeds) {
      for (size_t recipe = 0; recipe < study.recipes.size(); ++recipe) {
        Job job{.name = study.recipes[recipe].name,
                .recipe = recipe,
                .draw = draw,
                .seed = static_cast<int64_t>(seed),
                .lines = study.shared};
        if (o.draws > 0) job.name += "-draw" + number_text(draw, draws - 1);
        if (seeds.size() > 1) job.name += fmt::format("-seed{}", job.seed);
        job.lines.insert(job.lines.end(), drawn.begin(), drawn.end());
        const auto& own = study.recipes[recipe].lines;
        job.lines.insert(job.lines.end(), own.begin(), own.end());
        jobs.push_back(std::move(job));
      }
    }
  }
  return jobs;
}

}  // namespace wgan
