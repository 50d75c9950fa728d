# Writes OUTPUT, which tells ctest of each suite of a test PROGRAM: one process a suite, since loading
# LibTorch takes longer than most tests. Each process reports its tests, one by one, in REPORTS.
#   cmake -D PROGRAM=... -D OUTPUT=... -D REPORTS=... -D PROPERTIES=... -P discover_suites.cmake
execute_process(COMMAND "${PROGRAM}" --gtest_list_tests OUTPUT_VARIABLE listed RESULT_VARIABLE failed)
if(failed)
  message(FATAL_ERROR "${PROGRAM} --gtest_list_tests: ${failed}\n${listed}")
endif()
get_filename_component(program_name "${PROGRAM}" NAME)
string(REPLACE "\n" ";" lines "${listed}")
set(script "")
foreach(line IN LISTS lines)
  if(NOT line MATCHES "^([A-Za-z0-9_/]+)\\.")  # "Suite." and, indented, the names of its tests
    continue()
  endif()
  set(suite "${CMAKE_MATCH_1}")
  string(REPLACE "/" "-" report "${program_name}-${suite}.xml")
  string(APPEND script "add_test(\"${suite}\" \"${PROGRAM}\" \"--gtest_filter=${suite}.*\" "
                       "\"--gtest_output=xml:${REPORTS}/${report}\")\n"
                       "set_tests_properties(\"${suite}\" PROPERTIES ${PROPERTIES})\n")
endforeach()
file(WRITE "${OUTPUT}" "${script}")
