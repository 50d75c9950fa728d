# What is installed beside the program, and the Debian package of both, which cpack makes.

# Pages of the manual and completion come from the program's help, so they are made when it is there.
set(documents "${PROJECT_BINARY_DIR}/documents")
install(CODE "execute_process(
  COMMAND \"${CMAKE_CURRENT_LIST_DIR}/document\" \"$<TARGET_FILE:wgan_program>\" \"${documents}\"
  COMMAND_ERROR_IS_FATAL ANY)" COMPONENT program)
install(DIRECTORY "${documents}/" DESTINATION ${CMAKE_INSTALL_DATAROOTDIR} COMPONENT program)
install(FILES LICENSE DESTINATION ${CMAKE_INSTALL_DATAROOTDIR}/doc/wgan RENAME copyright
        COMPONENT program)

# A package can only depend on packages, so LibTorch has to be one.
find_program(DPKG_SHLIBDEPS dpkg-shlibdeps)
if(NOT DPKG_SHLIBDEPS)
  message(STATUS "wgan: cpack makes no package here: dpkg-shlibdeps is missing (package dpkg-dev)")
  return()
endif()
if(NOT Torch_DIR MATCHES "^/usr/(lib|share)/")
  message(STATUS "wgan: cpack makes no package here: LibTorch is not Debian's but of ${Torch_DIR}")
  return()
endif()

set(CPACK_GENERATOR DEB)
set(CPACK_COMPONENTS_ALL program)
set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_PACKAGE_DIRECTORY "${PROJECT_BINARY_DIR}")
set(CPACK_PACKAGE_CONTACT "The wgan authors")
set(CPACK_STRIP_FILES ON)
set(CPACK_INSTALL_DEFAULT_DIRECTORY_PERMISSIONS  # whatever the umask
    OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ GROUP_EXECUTE WORLD_READ WORLD_EXECUTE)

set(CPACK_DEBIAN_PROGRAM_PACKAGE_NAME wgan)
set(CPACK_DEBIAN_PROGRAM_DESCRIPTION "trainer of Wasserstein GANs
wgan trains generators on pictures or vectors, on a CPU or a GPU, from one
command: Wasserstein GANs with gradient penalty or weight clipping, their
forerunners and their remedies. It draws samples, measures them against data,
and tries claims of the literature.")
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION science)
set(CPACK_DEBIAN_COMPRESSION_TYPE xz)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
# LibTorch multiplies with whatever BLAS there is; only OpenBLAS is fast.
set(CPACK_DEBIAN_PACKAGE_DEPENDS "libopenblas0-openmp | libopenblas0")
set(CPACK_DEBIAN_PACKAGE_RECOMMENDS gnuplot-nox)  # draws the figures of wgan lab
include(CPack)
