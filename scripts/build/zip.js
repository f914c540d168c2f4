// dist/zip.js: what models/teachable uses of fflate to read and write zip files, in one file without imports, so that the package
// works unbundled.
import { SetupError } from '../setup/errors.js';

const TYPES = `/** The files of a zip by name. Throws on what is no zip. */
export declare function unzipSync(
  bytes: Uint8Array,
  options?: { filter?: (file: { name: string; size: number; originalSize: number; compression: number }) => boolean },
): Record<string, Uint8Array>;
/** @param options level: 0 stores. */
export declare function zipSync(files: Record<string, Uint8Array>, options?: { level?: 0 | 6 | 9; mtime?: string | number | Date }): Uint8Array;
`;

/** @param {string} project  Whose node_modules holds fflate. @returns {Promise<{ js: string, types: string }>} */
export async function bundleZip(project) {
  const { rolldown } = await import('rolldown'); // not before the set-up has installed it
  const entry = '\0zip';
  const bundle = await rolldown({
    input: entry,
    cwd: project,
    platform: 'browser',
    treeshake: { moduleSideEffects: false },
    plugins: [
      {
        name: 'entry',
        resolveId: (id) => (id === entry ? id : null),
        load: (id) => (id === entry ? "export { unzipSync, zipSync } from 'fflate';" : null),
      },
    ],
  });
  try {
    const { output } = await bundle.generate({ format: 'es', minify: true, comments: false });
    if (output.length !== 1 || output[0].imports.length > 0) throw new SetupError(`fflate became ${output.length} files with imports`);
    return { js: `// @ts-nocheck — of fflate, MIT: see THIRD-PARTY-LICENSES.txt\n${output[0].code}`, types: TYPES };
  } finally {
    await bundle.close();
  }
}
