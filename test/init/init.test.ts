import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { loadConfig } from '../../src/config/config-file.ts';
import { UserError } from '../../src/errors.ts';
import { type InitOptions, runInit } from '../../src/init/init.ts';
import { resolveNode } from '../../src/schema.ts';
import { VERSION } from '../../src/tool.ts';

/**
 * A file a case. Sections begin with `-- path --`: files of the project, then what is expected: `want/spangate.yml`
 * and other files that are written, `want/stdout`, or `want/error`. `options` holds the options, as JSON.
 */
const FIXTURES = resolve(import.meta.dirname, 'fixtures');
const CASES = readdirSync(FIXTURES).filter((file) => file.endsWith('.txt'));

let cwd: string;

beforeEach(() => {
  cwd = mkdtempSync(join(tmpdir(), 'spangate-init-'));
});

afterEach(() => {
  rmSync(cwd, { recursive: true, force: true });
});

function sections(text: string): Map<string, string> {
  const parts = text.split(/^-- (.+) --\n/m);
  const found = new Map<string, string>();
  for (let index = 1; index < parts.length; index += 2) found.set(parts[index] ?? '', parts[index + 1] ?? '');
  return found;
}

function sectionsText(parts: Iterable<readonly [string, string]>): string {
  return [...parts].map(([name, text]) => `-- ${name} --\n${text}`).join('');
}

/** Versions and temporary folders differ from machine to machine. */
function portable(text: string): string {
  return text.replaceAll(cwd, '<folder>').replaceAll(`@${VERSION}/`, '@<version>/');
}

function write(files: Iterable<readonly [string, string]>): void {
  for (const [name, text] of files) {
    mkdirSync(dirname(join(cwd, name)), { recursive: true });
    writeFileSync(join(cwd, name), text);
  }
}

function listFiles(): string[] {
  return readdirSync(cwd, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(cwd.length + 1))
    .sort();
}

/** What became of it, in the form of the fixture. */
async function outcome(
  files: ReadonlyMap<string, string>,
  options: InitOptions,
): Promise<[string, string][]> {
  let stdout = '';
  try {
    await runInit(
      {
        cwd,
        stdout: {
          write: (text) => {
            stdout += text;
          },
        },
      },
      options,
    );
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    const text = `${error.code}, exit ${error.exitCode}\n${error.message}\nhint: ${error.hint}\n`;
    expect(listFiles()).toEqual([...files.keys()].sort());
    return [['want/error', portable(text)]];
  }
  const written = listFiles().filter((file) => readFileSync(join(cwd, file), 'utf8') !== files.get(file));
  const texts = written.map((file): [string, string] => [
    `want/${file}`,
    portable(readFileSync(join(cwd, file), 'utf8')),
  ]);
  return [...texts, ['want/stdout', portable(stdout)]];
}

describe('spangate init', () => {
  test.each(CASES)('%s', async (name) => {
    const golden = readFileSync(join(FIXTURES, name), 'utf8');
    const all = [...sections(golden)];
    const files = new Map(all.filter(([path]) => !path.startsWith('want/') && path !== 'options'));
    const options: InitOptions = JSON.parse(sections(golden).get('options') ?? '{}');
    write(files);
    const wants = await outcome(files, options);
    const given = all.filter(([path]) => !path.startsWith('want/'));
    const got = join(FIXTURES, `${name}.got`);
    writeFileSync(got, sectionsText([...given, ...wants]));
    expect(sectionsText(wants)).toBe(sectionsText(all.filter(([path]) => path.startsWith('want/'))));
    rmSync(got);
    // Whatever is written must load as it is.
    if (existsSync(join(cwd, 'spangate.yml')) && !files.has('spangate.yml')) {
      expect((await loadConfig({ cwd, env: {} })).warnings).toEqual([]);
    }
  });

  test('reads a large project with broken files without end or error', async () => {
    write([
      ['package.json', JSON.stringify({ scripts: { start: 'node server.js' } })],
      ['server.js', `${'app.get('.repeat(2000)}'/`],
      ['broken.js', '/* never closed\napp.use("/a", (((('],
      ...Array.from(
        { length: 700 },
        (_, index) => [`lib/file${index}.js`, `app.get('/r${index}', x)`] as const,
      ),
    ]);
    let stdout = '';
    await runInit({
      cwd,
      stdout: {
        write: (text) => {
          stdout += text;
        },
      },
    });
    expect(stdout).toContain('GET /r0, GET /r1, ');
    expect((await loadConfig({ cwd, env: {} })).scenarios[0]?.load.requests).toHaveLength(6);
  });

  test('writes comments that are a configuration too', async () => {
    write([
      ['package.json', JSON.stringify({ scripts: { start: 'node server.js' }, dependencies: { pg: '^8' } })],
      ['server.js', "app.get('/orders', list); app.post('/orders', create); app.listen(process.env.PORT)"],
    ]);
    await runInit({ cwd, stdout: { write: () => {} } });
    const text = readFileSync(join(cwd, 'spangate.yml'), 'utf8');
    const uncommented = text.replace(/^( *)# (?=- | {2}|(?:dependencies|rounds|limits|baseline):$)/gm, '$1');
    expect(uncommented).not.toBe(text);
    writeFileSync(join(cwd, 'spangate.yml'), uncommented);
    const { scenarios } = await loadConfig({ cwd, env: {} });
    expect(scenarios[0]).toMatchObject({
      dependencies: [{ name: 'db', migrate: 'npm run migrate', scope: 'per-instance' }],
      load: { requests: [{ name: 'GET /orders' }, { name: 'POST /orders', writes: true }] },
      rounds: { count: 4, instances: 2, durationSeconds: 8 },
      policy: { profile: 'standard', rules: [{ span: 'pg.*' }] },
    });
  });

  test('finds its way in the example service', async () => {
    const example = resolve(import.meta.dirname, '../../examples/express-orders');
    for (const part of ['package.json', 'src'])
      cpSync(join(example, part), join(cwd, part), { recursive: true });
    await runInit({ cwd, stdout: { write: () => {} } });
    const { scenarios } = await loadConfig({ cwd, env: {} });
    expect(scenarios[0]).toMatchObject({
      services: [
        { name: 'express-orders', start: 'node src/server.js', ready: { kind: 'http', path: '/healthz' } },
      ],
    });
    const paths = scenarios[0]?.load.requests.map((request) => request.name) ?? [];
    expect(paths).toEqual(expect.arrayContaining(['GET /orders', 'GET /orders/${int(1,50)}', 'GET /stock']));
  });

  test('writes a workflow of which GitHub can make sense', async () => {
    write([['package.json', JSON.stringify({ scripts: { start: 'node server.js' } })]]);
    await runInit({ cwd, stdout: { write: () => {} } }, { ci: 'github' });
    const workflow = parse(readFileSync(join(cwd, '.github/workflows/spangate.yml'), 'utf8'));
    expect(Object.keys(workflow)).toEqual(['name', 'on', 'permissions', 'jobs']);
    const { steps } = workflow.jobs.gate;
    // A step runs a command or uses an action, never both; nothing of an event gets into a shell.
    for (const step of steps) {
      expect([step.run, step.uses].filter(Boolean)).toHaveLength(1);
      expect(step.run ?? '').not.toContain('${{');
    }
  });

  test('shows defaults in its comments that are the defaults', async () => {
    write([['package.json', '{}']]);
    await runInit({ cwd, stdout: { write: () => {} } });
    const text = readFileSync(join(cwd, 'spangate.yml'), 'utf8');
    const rounds = resolveNode('config', { $ref: '#/$defs/RoundsSection' }).properties ?? {};
    expect(text).toContain(`count: ${JSON.parse(JSON.stringify(rounds.count)).default} #`);
    expect(text).toContain(`duration: ${JSON.parse(JSON.stringify(rounds.duration)).default}`);
  });
});
