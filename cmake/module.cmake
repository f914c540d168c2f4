# The module of a variant, xnnjs-VARIANT.{js,wasm}, and on request the checker of the kernels.
include(cmake/link.cmake)

function(xnnjs_program name)
  add_executable(${name} ${ARGN})
  set_target_properties(${name} PROPERTIES SUFFIX .js)
  xnnjs_target(${name})
  target_link_options(${name} PRIVATE ${XNNJS_LINK})
endfunction()

set(module xnnjs-${XNNJS_VARIANT})
xnnjs_program(${module} ${core})
target_compile_definitions(${module} PRIVATE $<$<CONFIG:Release>:NDEBUG>)
xnnjs_exports(${module} ${CMAKE_SOURCE_DIR}/bindings/exports.txt)
# What was linked, by name, for tests/structure: the .wasm keeps no names (and Emscripten's own map would order functions so
# that they compress less).
target_link_options(${module} PRIVATE -Wl,-Map=${module}.map)

if(XNNJS_CHECK AND checks)
  # Asserts stay on here, whatever the configuration.
  xnnjs_program(check ${core} ${checks})
  target_link_options(check PRIVATE -sENVIRONMENT=web,worker,node -sINVOKE_RUN=0 -sEXPORTED_RUNTIME_METHODS=callMain)
endif()
