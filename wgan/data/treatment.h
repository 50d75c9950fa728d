// What becomes of a folder's pictures on the way to rows, where a person would want to know.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "wgan/data/image_folder.h"
#include "wgan/io/image.h"

namespace wgan {

// Sets the levels of `request` from all pictures of the folder, so that none becomes black: of
// 16-bit pictures, the least and the greatest value of all, where less than half of the 65,536 lies
// between them; of floating-point and other open-ended ones, the least and the greatest value in
// any case. threads: 0 for one a processor.
void find_levels(const ImageFolder& folder, ImageRequest& request, int threads = 0);

// Sums up what is done to the pictures while they are read one by one.
class Treatment {
 public:
  explicit Treatment(const ImageRequest& request) : request_(request) {}

  void add_used(const ImageInfo& info);
  void add_unused(const std::filesystem::path& file);  // absolute, or relative to where we are

  // Sentences without their full stops, each about one thing that was done.
  std::vector<std::string> notes(const ImageFolder& folder) const;

  // How to convert the pictures that are in formats that are not read; empty: there are none.
  std::string conversion(const std::filesystem::path& root) const;

 private:
  ImageRequest request_;
  int64_t sixteen_ = 0;                    // pictures whose levels are spread
  int64_t open_ = 0;                       // pictures whose values are spread
  int64_t animated_ = 0;                   // pictures of more than one frame or page
  std::map<std::string, int64_t> unread_;  // format -> files
  std::set<std::string> unread_endings_;   // in lower case
};

}  // namespace wgan
