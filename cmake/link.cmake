# How Emscripten links the modules. Why each is set:
set(XNNJS_LINK -O3 -Wno-version-check -Werror
  # An ES module with one factory; the .wasm is found next to it through import.meta.url.
  -sMODULARIZE=1 -sEXPORT_ES6=1 -sEXPORT_NAME=createModule
  # No file system, no eval (pages with a content security policy), no handlers on the host's process.
  -sFILESYSTEM=0 -sDYNAMIC_EXECUTION=0 -sNODEJS_CATCH_EXIT=0 -sNODEJS_CATCH_REJECTION=0
  # Without C++'s library and those of browsers' APIs, none of which is used: half of a first build's time.
  -sSTRICT=1
  -fno-exceptions -sEXIT_RUNTIME=0
  # Memory starts small and grows by what is asked for: 20 % on top of 100 MB of weights would be a waste.
  # One MB is the smallest that holds stack and data; out of memory is a null pointer, not an abort.
  -sINITIAL_MEMORY=1MB -sALLOW_MEMORY_GROWTH=1 -sMEMORY_GROWTH_LINEAR_STEP=1MB -sMAXIMUM_MEMORY=4GB
  -sABORTING_MALLOC=0 -sMALLOC=dlmalloc
  # The stack lies below the data, so that an overflow traps instead of writing over them.
  -sSTACK_SIZE=256KB -Wl,--stack-first
  -sINCOMING_MODULE_JS_API=instantiateWasm,print,printErr)
if(XNNJS_THREADS)
  # The page's thread computes too, so n threads need n - 1 workers; all are ready before the factory resolves.
  list(APPEND XNNJS_LINK "-sPTHREAD_POOL_SIZE=Module[\"threads\"]>1?Module[\"threads\"]-1:0" -sPTHREAD_POOL_SIZE_STRICT=2 -Wno-pthreads-mem-growth)
endif()

# Exports the C functions that the file names, one a line, and the memory (JavaScript makes its own views of it).
function(xnnjs_exports target file)
  set(names)
  if(EXISTS ${file})
    file(STRINGS ${file} lines REGEX "^[ \t]*[A-Za-z_]")
    foreach(line ${lines})
      string(REGEX MATCH "[A-Za-z_][A-Za-z0-9_]*" name "${line}")
      list(APPEND names _${name})
    endforeach()
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${file})
  endif()
  string(REPLACE ";" "," names "${names}")
  # Without threads nothing depends on the host: js/instantiate.js brings the module, in Node too. Threads are workers, which
  # Node has in a module of its own. scripts/build/glue.js finishes the JavaScript.
  if(XNNJS_THREADS)
    target_link_options(${target} PRIVATE -sENVIRONMENT=web,worker,node)
  else()
    target_link_options(${target} PRIVATE -sENVIRONMENT=web,worker)
  endif()
  target_link_options(${target} PRIVATE --no-entry -sEXPORTED_FUNCTIONS=${names}
    -sEXPORTED_RUNTIME_METHODS=wasmMemory)
endfunction()
