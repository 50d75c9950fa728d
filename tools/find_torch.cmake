# Finds LibTorch. One that is built for CUDA wants CUDA's compiler to be installed, even where only its
# part for the CPU is used; without that compiler, this takes that part and asks for nothing more.
find_file(wgan_torch_config TorchConfig.cmake
          PATH_SUFFIXES Torch share/cmake/Torch lib/cmake/Torch NO_CACHE)
get_filename_component(wgan_torch "${wgan_torch_config}/../../../.." ABSOLUTE)
find_program(wgan_nvcc nvcc PATHS /usr/local/cuda/bin ENV CUDA_HOME PATH_SUFFIXES bin NO_CACHE)
if(NOT wgan_torch_config OR wgan_nvcc OR NOT EXISTS ${wgan_torch}/lib/libtorch_cuda.so)
  find_package(Torch REQUIRED)
else()
  message(STATUS "LibTorch in ${wgan_torch} is built for CUDA, and there is no nvcc: taking its part "
                 "for the CPU")
  foreach(name c10 torch_cpu)
    add_library(${name} SHARED IMPORTED)
    set_target_properties(
      ${name} PROPERTIES
      IMPORTED_LOCATION ${wgan_torch}/lib/lib${name}.so
      INTERFACE_INCLUDE_DIRECTORIES
      "${wgan_torch}/include;${wgan_torch}/include/torch/csrc/api/include"
      INTERFACE_LINK_OPTIONS -Wl,--allow-shlib-undefined)  # CUDA's libraries, found at run time
  endforeach()
  set(TORCH_LIBRARIES torch_cpu c10)
endif()
