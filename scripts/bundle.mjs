#!/usr/bin/env node
/**
 * Builds `dist/`, what `uses: …/spangate@v1` runs without an install step: `npm run bundle`, or with another folder
 * `node scripts/bundle.mjs --outdir <folder>`. The same sources and package-lock.json give the same bytes.
 *
 *     dist/index.js, chunk-*.js     the action, one ESM bundle with what is loaded on demand in chunks beside it
 *     dist/preload/                 what a Node service loads, as in build/telemetry/preload
 *     dist/preload/node_modules/    its packages, one file each: instrumentations find them, and one another, by name
 *     dist/licenses.txt             of all packages in it
 *
 * The preload's packages are not made into one bundle, since hook and instrumentations must share the one copy of
 * `import-in-the-middle`, and each instrumentation is optional.
 */
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { builtinModules, createRequire } from 'node:module';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { build } from 'esbuild';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const { values } = parseArgs({ options: { outdir: { type: 'string', default: join(root, 'dist') } } });
const outdir = resolve(values.outdir);
const preload = join(outdir, 'preload');

/** Hooks run in a thread of their own there, by the path of the file: it stays as its authors wrote it. */
const COPIED = ['import-in-the-middle', 'cjs-module-lexer', 'es-module-lexer', 'module-details-from-path'];

const COMMON = {
  absWorkingDir: root,
  bundle: true,
  platform: 'node',
  target: 'node20',
  minify: true,
  // Names of functions are in stack traces of bug reports.
  keepNames: false,
  legalComments: 'none',
  logLevel: 'warning',
  metafile: true,
};

/** Folders of packages that are in the result. */
const packageFolders = new Set();

rmSync(outdir, { recursive: true, force: true });
await bundleAction();
await bundlePreload();
writeLicenses();

async function bundleAction() {
  const { metafile } = await build({
    ...COMMON,
    entryPoints: { index: 'src/action-bin.ts' },
    outdir,
    format: 'esm',
    splitting: true,
    chunkNames: 'chunk-[hash]',
    // Packages written for CommonJS call `require`, which an ES module does not have.
    banner: {
      js: "import{createRequire as __createRequire}from'node:module';const require=__createRequire(import.meta.url);",
    },
  });
  notePackages(metafile);
}

async function bundlePreload() {
  const { metafile } = await build({
    ...COMMON,
    entryPoints: ['src/telemetry/preload/register.ts'],
    outdir: preload,
    format: 'esm',
    splitting: true,
    chunkNames: 'chunk-[hash]',
    packages: 'external',
  });
  const pending = [...externalsOf(metafile), ...instrumentationPackages()];
  const done = new Set();
  for (const specifier of pending) {
    if (done.has(specifier)) continue;
    done.add(specifier);
    if (COPIED.includes(packageOf(specifier))) continue;
    pending.push(...(await bundlePackage(specifier)));
  }
  for (const name of COPIED) copyPackage(name);
}

/** Those that the preload asks for by a name that is data. */
function instrumentationPackages() {
  const { dependencies } = readJson(join(root, 'package.json'));
  return Object.keys(dependencies).filter((name) => /instrumentation-|^@fastify\/otel$/.test(name));
}

/** @returns the packages that it needs */
async function bundlePackage(specifier) {
  const require = createRequire(join(root, 'package.json'));
  const name = packageOf(specifier);
  const folder = folderOf(name);
  const file = `${specifier === name ? 'index' : specifier.slice(name.length + 1)}`.replace(/\.c?js$/, '');
  const target = join(preload, 'node_modules', name);
  const { metafile } = await build({
    ...COMMON,
    entryPoints: { [`${file}.min`]: require.resolve(specifier) },
    outdir: target,
    format: 'cjs',
    // Relative imports are inside the package; all else is a package of its own, and shared.
    packages: 'external',
  });
  // ES modules import names that Node finds by reading, not by running; minified getters it would not find.
  const names = exportedNames(require(specifier)).join();
  const text = `module.exports=require('./${basename(file)}.min.js');0&&(module.exports={${names}});\n`;
  writeFileSync(join(target, `${file}.js`), text);
  const { version } = readJson(join(folder, 'package.json'));
  writeFileSync(join(target, 'package.json'), `${JSON.stringify({ name, version, main: 'index.js' })}\n`);
  packageFolders.add(folder);
  return externalsOf(metafile);
}

function exportedNames(exported) {
  return Object.keys(exported).filter((name) => /^[A-Za-z_$][\w$]*$/.test(name) && name !== 'default');
}

function copyPackage(name) {
  const folder = folderOf(name);
  packageFolders.add(folder);
  cpSync(folder, join(preload, 'node_modules', name), {
    recursive: true,
    filter: (path) =>
      !/node_modules$/.test(relative(folder, path)) &&
      (!/\.\w+$/.test(path) || isRun(relative(folder, path))),
  });
}

function isRun(path) {
  return /\.(m?js|cjs|json|wasm)$/.test(path) && !/\.(asm|map)\.?/.test(path);
}

function externalsOf({ outputs }) {
  const paths = Object.values(outputs).flatMap(({ imports }) => imports.filter(({ external }) => external));
  return paths.map(({ path }) => path).filter((path) => !isBuiltin(path) && !path.startsWith('.'));
}

function isBuiltin(path) {
  return path.startsWith('node:') || builtinModules.includes(path);
}

function packageOf(specifier) {
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');
}

/** All are installed at the top: the preload has one copy of each. */
function folderOf(name) {
  const folder = join(root, 'node_modules', name);
  if (!existsSync(folder)) throw new Error(`bundle: ${name} is not installed at the top of node_modules`);
  return folder;
}

function notePackages({ inputs }) {
  for (const path of Object.keys(inputs)) {
    const found = /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(path);
    if (found) packageFolders.add(join(root, found[1]));
  }
}

function writeLicenses() {
  const texts = [...packageFolders].map((folder) => {
    const { name, version, license } = readJson(join(folder, 'package.json'));
    const file = readdirSync(folder).find((each) => /^licen[cs]e(\.(md|txt))?$/i.test(each));
    const text = file === undefined ? '' : readFileSync(join(folder, file), 'utf8').trim();
    return { title: `${name} ${version} (${license})`, text };
  });
  // Nearly all of them are one of a few texts.
  const byText = new Map();
  for (const { title, text } of texts.toSorted((a, b) => (a.title < b.title ? -1 : 1))) {
    byText.set(text, [...(byText.get(text) ?? []), title]);
  }
  const parts = [...byText].map(([text, titles]) => [...titles, '', text].join('\n').trim());
  mkdirSync(outdir, { recursive: true });
  const separator = `\n\n${'-'.repeat(80)}\n\n`;
  writeFileSync(join(outdir, 'licenses.txt'), `${parts.join(separator).replaceAll('\r\n', '\n')}\n`);
}

function readJson(path) {
  return JSON.parse(readFileSync(path, 'utf8'));
}
