# pthreadpool as a static library. Its own CMakeLists.txt takes the single-threaded shim for every Emscripten build.
if(NOT EXISTS "${PTHREADPOOL_DIR}/include")
  message(FATAL_ERROR "PTHREADPOOL_DIR: no sources in '${PTHREADPOOL_DIR}'")
endif()
if(XNNJS_THREADS)
  set(files portable-api.c memory.c pthreads.c)
else()
  set(files shim.c)
endif()
list(TRANSFORM files PREPEND ${PTHREADPOOL_DIR}/src/)
add_library(pthreadpool STATIC ${files})
target_compile_definitions(pthreadpool PUBLIC PTHREADPOOL_NO_DEPRECATED_API=1 PRIVATE NDEBUG PTHREADPOOL_USE_FASTPATH=0)
# Tasks are called through one generic function type.
target_compile_options(pthreadpool PRIVATE -w $<$<BOOL:${XNNJS_NATIVE}>:-fno-sanitize=function>)
target_include_directories(pthreadpool PUBLIC ${PTHREADPOOL_DIR}/include
  PRIVATE ${PTHREADPOOL_DIR}/src ${FXDIV_DIR}/include)
