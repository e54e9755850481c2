// Builds ../dist, or the folder named by --outdir. The same input gives the same bytes, so that a check can build again and compare.
import { context, build } from 'esbuild';
import { cp, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
const argument = process.argv.indexOf('--outdir');
const outdir = argument > 0 ? process.argv[argument + 1] : join(here, '../dist');
const options = {
  absWorkingDir: here,
  entryPoints: { app: 'src/main.tsx' },
  outdir,
  bundle: true,
  minify: true,
  format: 'esm',
  target: 'es2022',
  jsx: 'automatic',
  jsxImportSource: 'preact',
  legalComments: 'none',
  charset: 'utf8',
  logLevel: 'info',
};

await cp(join(here, 'static'), outdir, { recursive: true });

// What is bundled stays under its own licence, and that asks to be named with it.
const { dependencies } = JSON.parse(await readFile(join(here, 'package.json'), 'utf8'));
const licences = Object.keys(dependencies).map(async name => `${name} ${dependencies[name]}\n\n${await readFile(join(here, 'node_modules', name, 'LICENSE'), 'utf8')}`);
await writeFile(join(outdir, 'licences.txt'), (await Promise.all(licences)).join('\n\n'));

if (process.argv.includes('--watch')) {
  await (await context(options)).watch();
} else {
  await build(options);
}
