import { thisHost, which } from '../setup/host.js';

/**
 * What programs of the native build run with: leaks are findings, stacks have names and lines, and an allocation that is too
 * large returns null, as it does elsewhere.
 * @returns {NodeJS.ProcessEnv}
 */
export function sanitizerEnv() {
  return {
    ...process.env,
    ASAN_SYMBOLIZER_PATH: which(thisHost(), 'llvm-symbolizer-19'),
    ASAN_OPTIONS: 'detect_leaks=1:allocator_may_return_null=1:detect_stack_use_after_return=1:strict_string_checks=1',
    UBSAN_OPTIONS: 'print_stacktrace=1',
  };
}
