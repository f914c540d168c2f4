# What everything is compiled with, XNNPACK and our own code alike. scripts/build.js hashes this file into the key of the
# cached XNNPACK, so a flag changed here rebuilds it.
option(XNNJS_THREADS "POSIX threads over shared memory" OFF)
option(XNNJS_RELAXED "relaxed SIMD instructions" OFF)
option(XNNJS_NATIVE "for this x86-64 machine, under sanitizers, instead of WebAssembly" OFF)

add_compile_options(-ffunction-sections -fdata-sections -fno-math-errno -ffp-contract=off
  -fno-exceptions $<$<COMPILE_LANGUAGE:CXX>:-fno-rtti>)
if(XNNJS_NATIVE)
  # SIMDe's 128-bit vectors are SSE's. The first finding ends the program, undefined behaviour included.
  set(XNNJS_SANITIZE -fsanitize=address,undefined -fno-sanitize-recover=all)
  add_compile_options(-msse4.1 -fno-omit-frame-pointer ${XNNJS_SANITIZE})
  add_link_options(-fuse-ld=lld ${XNNJS_SANITIZE})
else()
  add_compile_options(-msimd128 -Wno-version-check)
  if(XNNJS_RELAXED)
    add_compile_options(-mrelaxed-simd)
  endif()
endif()
if(XNNJS_THREADS)
  add_compile_options(-pthread)
  add_link_options(-pthread)
endif()
