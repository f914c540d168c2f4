/* What the standalone modules share: functions that JavaScript calls, by their names (js/standalone.js). */
#ifndef XJ_MODULE_H
#define XJ_MODULE_H

#ifdef __wasm__
#define XJ_EXPORT(name) __attribute__((export_name(#name)))
#else
#define XJ_EXPORT(name) /* the native build, for sanitizers */
#endif

#endif
