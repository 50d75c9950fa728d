// Starts libvips once, and turns its status codes into exceptions.
#include "wgan/io/vips.h"

#ifdef WGAN_WITH_VIPS
// Not in vips.h.
#include <vips/vector.h>

namespace wgan {
namespace {

// The first line of libvips' error text, without its line end. Clears it.
std::string take_error_text() {
  std::string text = vips_error_buffer();
  vips_error_clear();
  text = text.substr(0, text.find('\n'));
  return text.empty() ? "it cannot be decoded" : text;
}

void ignore_message(const gchar*, GLogLevelFlags, const gchar*, gpointer) {}

// Each thread that has used libvips must say that it ends.
struct ThreadEnd {
  ~ThreadEnd() { vips_thread_shutdown(); }
};

}  // namespace

std::shared_mutex& error_text_mutex() {
  static std::shared_mutex mutex;
  return mutex;
}

void start_images() {
  static std::once_flag once;
  std::call_once(once, [] {
    if (VIPS_INIT("wgan") != 0) {
      throw Error(ErrorKind::kInternal, "libvips does not start: " + take_error_text());
    }
    vips_block_untrusted_set(TRUE);
    vips_cache_set_max(0);
    vips_concurrency_set(1);
    vips_vector_set_enabled(FALSE);
    g_log_set_handler("VIPS",
                      static_cast<GLogLevelFlags>(G_LOG_LEVEL_WARNING | G_LOG_LEVEL_MESSAGE |
                                                  G_LOG_LEVEL_INFO | G_LOG_LEVEL_DEBUG),
                      ignore_message, nullptr);
  });
  thread_local const ThreadEnd end;
  static_cast<void>(&end);
}

void check(int status) {
  if (status != 0) throw VipsFailure{take_error_text()};
}

ImagePointer checked(int status, VipsImage* image) {
  check(status);
  return ImagePointer(image);
}

SourcePointer open_source(const std::filesystem::path& path) {
  SourcePointer source(vips_source_new_from_file(path.c_str()));
  check(source ? 0 : -1);
  return source;
}

}  // namespace wgan

#endif  // WGAN_WITH_VIPS
