# The core for this machine, under AddressSanitizer and UndefinedBehaviorSanitizer, and what runs it: the checker of the
# kernels, tests/native/*.c and the fuzzers tests/fuzz/fuzz_*.c, a program each.
set(SIMDE_DIR "" CACHE PATH "SIMDe's headers")

# The standalone modules too, which elsewhere are files of their own (scripts/build/standalone.js).
file(GLOB standalone CONFIGURE_DEPENDS kernels/standalone/*.c)
add_library(core OBJECT ${core} ${standalone})
xnnjs_target(core)
target_include_directories(core SYSTEM PRIVATE ${SIMDE_DIR}/include)
# Beyond what "undefined" holds: a float that does not fit the integer that it becomes. no-link: only the fuzzers link
# libFuzzer, the other programs ignore its counters.
target_compile_options(core PRIVATE -fsanitize=float-cast-overflow -fno-sanitize-recover=all -fsanitize=fuzzer-no-link)

function(xnnjs_native name)
  add_executable(${name} ${ARGN} $<TARGET_OBJECTS:core>)
  xnnjs_target(${name})
  target_include_directories(${name} SYSTEM PRIVATE ${SIMDE_DIR}/include)
  target_link_libraries(${name} PRIVATE m)
endfunction()

if(checks)
  xnnjs_native(check ${checks})
endif()
file(GLOB programs CONFIGURE_DEPENDS tests/native/*.c)
file(GLOB fuzzers CONFIGURE_DEPENDS tests/fuzz/fuzz_*.c)
foreach(file ${programs} ${fuzzers})
  get_filename_component(name ${file} NAME_WE)
  xnnjs_native(${name} ${file} tests/fuzz/guarded_run.c)
endforeach()
foreach(file ${fuzzers})
  get_filename_component(name ${file} NAME_WE)
  target_link_options(${name} PRIVATE -fsanitize=fuzzer)
endforeach()
