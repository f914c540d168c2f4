# XNNPACK as a static library: its WebAssembly kernels, or natively its scalar ones. Its own CMakeLists.txt knows no WebAssembly, so only its source lists are read.
foreach(dir XNNPACK_DIR FXDIV_DIR)
  if(NOT EXISTS "${${dir}}/include")
    message(FATAL_ERROR "${dir}: no sources in '${${dir}}'")
  endif()
endforeach()

file(READ ${XNNPACK_DIR}/CMakeLists.txt _upstream)
function(xnn_list name out)
  string(REGEX MATCH "SET\\(${name}[ \n]+([^)]*)\\)" _ "${_upstream}")
  string(REGEX MATCHALL "src/[A-Za-z0-9_./-]+\\.(cc|c)" files "${CMAKE_MATCH_1}")
  if(NOT files)
    message(FATAL_ERROR "XNNPACK's CMakeLists.txt has no list ${name}")
  endif()
  set(${out} ${${out}} ${files} PARENT_SCOPE)
endfunction()

# Operators only: SUBGRAPH_SRCS (runtime, subgraph, memory planner) stay out, the graph is ours.
set(rest src/allocator.c src/cache.c src/datatype.c src/memory.c src/microkernel-utils.c src/mutex.c src/operator-run.c
  src/operator-utils.c src/indirection.c src/microparams-init.c src/normalization.c src/reference/packing.cc
  src/configs/hardware-config.c)
foreach(list OPERATOR_SRCS REFERENCE_SRCS XNNPACK_SRCS TABLE_SRCS LOGGING_SRCS)
  xnn_list(${list} rest)
endforeach()
list(REMOVE_DUPLICATES rest)

foreach(isa scalar wasm wasmsimd wasmrelaxedsimd)
  include(${XNNPACK_DIR}/cmake/gen/${isa}_microkernels.cmake)
endforeach()
set(microkernels ${PROD_SCALAR_MICROKERNEL_SRCS})
if(NOT XNNJS_NATIVE)
  list(APPEND microkernels ${PROD_WASM_MICROKERNEL_SRCS} ${PROD_WASMSIMD_MICROKERNEL_SRCS})
  if(XNNJS_RELAXED)
    list(APPEND microkernels ${PROD_WASMRELAXEDSIMD_MICROKERNEL_SRCS})
  endif()
endif()
list(TRANSFORM rest PREPEND ${XNNPACK_DIR}/)
list(TRANSFORM microkernels PREPEND ${XNNPACK_DIR}/)

# Upstream generates this file with a Python script that hashes all sources; it only guards caches written to disk.
set(identifier ${CMAKE_CURRENT_BINARY_DIR}/build_identifier.c)
file(WRITE ${identifier} [[
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
size_t xnn_experimental_get_build_identifier_size(void) { return 0; }
const void* xnn_experimental_get_build_identifier_data(void) { return 0; }
bool xnn_experimental_check_build_identifier(const void* data, const size_t size) { (void) data; return size == 0; }
]])

add_library(xnnpack STATIC ${microkernels} ${rest} ${identifier})
# 24 microkernels per unit: five times as fast to build as one by one. The rest share static names and stay apart.
set_source_files_properties(${rest} ${identifier} PROPERTIES SKIP_UNITY_BUILD_INCLUSION ON)
set_target_properties(xnnpack PROPERTIES UNITY_BUILD ON UNITY_BUILD_BATCH_SIZE 24)
target_include_directories(xnnpack BEFORE PRIVATE ${CMAKE_CURRENT_LIST_DIR}/shim)
target_include_directories(xnnpack PUBLIC ${XNNPACK_DIR}/include PRIVATE ${XNNPACK_DIR}/src ${FXDIV_DIR}/include)
# Some sources use math functions without including the header.
target_compile_options(xnnpack PRIVATE "SHELL:-include math.h" -w)
target_compile_definitions(xnnpack PRIVATE _GNU_SOURCE XNN_LOG_LEVEL=0 XNN_ENABLE_ASSEMBLY=0 XNN_ENABLE_MEMOPT=1
  XNN_ENABLE_SPARSE=1 XNN_ENABLE_GEMM_M_SPECIALIZATION=1 XNN_ENABLE_DWCONV_MULTIPASS=0 XNN_ENABLE_CPUINFO=0
  XNN_ENABLE_KLEIDIAI=0 XNN_ENABLE_HVX=0 XNN_ENABLE_JIT=0)
if(XNNJS_NATIVE)
  # Its asserts stay on. Kernels are called through generic function types: that check would stop at the first call.
  target_compile_definitions(xnnpack PRIVATE XNN_ENABLE_VSX=0)
  target_compile_options(xnnpack PRIVATE -fno-sanitize=function "SHELL:-include ${CMAKE_CURRENT_LIST_DIR}/shim/native.h")
else()
  target_compile_definitions(xnnpack PRIVATE NDEBUG)
endif()
target_link_libraries(xnnpack PUBLIC pthreadpool)
