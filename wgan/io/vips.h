// What everything that calls libvips shares: owners of its objects, its start, and its errors.
#pragma once

#ifdef WGAN_WITH_VIPS
#include <fmt/format.h>
#include <vips/vips.h>

#include <filesystem>
#include <memory>
#include <mutex>
#include <shared_mutex>
#include <string>

#include "wgan/core/error.h"

namespace wgan {

struct Unreference {
  void operator()(void* object) const { g_object_unref(object); }
};
using ImagePointer = std::unique_ptr<VipsImage, Unreference>;
using SourcePointer = std::unique_ptr<VipsSource, Unreference>;
struct UnreferenceArea {
  void operator()(VipsArrayDouble* array) const { vips_area_unref(VIPS_AREA(array)); }
};
using ColourPointer = std::unique_ptr<VipsArrayDouble, UnreferenceArea>;

struct VipsFailure {
  std::string text;
};

// The error text of libvips is one buffer for all threads. Work is done under a shared lock; what
// fails is done again alone, so that the text it leaves is its own.
std::shared_mutex& error_text_mutex();

// Once for the process: no loaders unfit for hostile files, no operation cache, one libvips thread
// an image (the callers are parallel over files), no code generated at run time (liborc 0.4.33
// frees it without a lock and crashes when threads do), no warnings on the terminal.
void start_images();

// status: the return value of a libvips function. Throws VipsFailure where it is not 0.
void check(int status);

// Wraps an output image of a libvips function, whose status goes first.
ImagePointer checked(int status, VipsImage* image);

// Throws VipsFailure.
SourcePointer open_source(const std::filesystem::path& path);

// Runs work(); where libvips fails, runs it again alone and throws Error(kind) with the path and
// the reason.
template <class Work>
auto with_error_text(ErrorKind kind, const std::string& subject, const Work& work) {
  start_images();
  try {
    std::shared_lock lock(error_text_mutex());
    return work();
  } catch (const VipsFailure&) {
  }
  try {
    std::unique_lock lock(error_text_mutex());
    vips_error_clear();
    return work();
  } catch (const VipsFailure& failure) {
    throw Error(kind, fmt::format("{}: {}", subject, failure.text));
  }
}

}  // namespace wgan

#endif  // WGAN_WITH_VIPS
