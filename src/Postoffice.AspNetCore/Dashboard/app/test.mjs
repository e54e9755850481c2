// Bundles src/**/*.test.mjs as the page is bundled, and runs them with Node's own test runner.
import { build } from 'esbuild';
import { spawnSync } from 'node:child_process';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
const outdir = await mkdtemp(join(tmpdir(), 'postoffice-dashboard-'));
try {
  const files = (await readdir(join(here, 'src'), { recursive: true })).filter(file => file.endsWith('.test.mjs'));
  await build({
    absWorkingDir: here,
    entryPoints: files.map(file => join('src', file)),
    outdir,
    bundle: true,
    format: 'esm',
    platform: 'node',
    outExtension: { '.js': '.mjs' },
    logLevel: 'warning',
  });
  const tests = (await readdir(outdir, { recursive: true })).filter(file => file.endsWith('.test.mjs')).map(file => join(outdir, file));
  process.exitCode = spawnSync(process.execPath, ['--test', ...tests], { stdio: 'inherit' }).status ?? 1;
} finally {
  await rm(outdir, { recursive: true });
}
