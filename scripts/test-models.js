import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

// The models that take the reference long, on what is built: minutes, when the references are in the user's cache.
const project = fileURLToPath(new URL('..', import.meta.url));
const folder = 'tests/models/full';
const files = readdirSync(new URL(`../${folder}/`, import.meta.url)).map((file) => `${folder}/${file}`);
const { status } = spawnSync(process.execPath, ['--test', '--test-reporter=spec', '--test-concurrency=1', ...files.sort()], {
  cwd: project,
  stdio: 'inherit',
});
process.exitCode = status ?? 1;
