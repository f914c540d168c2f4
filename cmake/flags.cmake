# What every variant is compiled with, XNNPACK and our own code alike. scripts/build.js hashes this file into the key of
# the cached XNNPACK, so a flag changed here rebuilds it.
option(XNNJS_THREADS "POSIX threads over shared memory" OFF)
option(XNNJS_RELAXED "relaxed SIMD instructions" OFF)

add_compile_options(-msimd128 -ffunction-sections -fdata-sections -fno-math-errno -ffp-contract=off -Wno-version-check
  -fno-exceptions $<$<COMPILE_LANGUAGE:CXX>:-fno-rtti>)
if(XNNJS_RELAXED)
  add_compile_options(-mrelaxed-simd)
endif()
if(XNNJS_THREADS)
  add_compile_options(-pthread)
  add_link_options(-pthread)
endif()
