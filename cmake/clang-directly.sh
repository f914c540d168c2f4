#!/bin/sh
# The compiler launcher that scripts/build/clang.js sets: $1 is Emscripten's compiler, the rest its arguments.
shift
# shellcheck disable=SC2086
exec $XNNJS_CLANG "$@"
