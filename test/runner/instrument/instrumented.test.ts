/** What a service gets besides its own `env`; that spans come of it is tested by test/python and test/java. */
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Scenario, Service } from '../../../src/config.ts';
import { instrumented } from '../../../src/runner/instrument/instrumented.ts';
import { type Bench, openBench, service } from '../process-bench.ts';

let bench: Bench;
let steps: string[];
beforeEach(() => {
  bench = openBench();
  steps = [];
});
afterEach(() => bench[Symbol.asyncDispose]());

const progress = {
  step: (text: string) => void steps.push(text),
  round() {},
  phase() {},
  live() {},
};

async function envOf(start: string, changes: Partial<Service>): Promise<Service['env']> {
  const own = service(start, { directory: bench.directory, ...changes });
  const { services } = await instrumented({
    scenario: { services: [own] } as unknown as Scenario,
    registry: bench.registry,
    inherited: { PATH: process.env.PATH, XDG_CACHE_HOME: join(bench.directory, 'cache') },
    logDirectory: bench.directory,
    progress,
  });
  return services[0]?.env ?? {};
}

/** A program in the place of Python: it says what it has, and its pip says what the test wants. */
function pythonThat(installed: Record<string, string>, pip: string): string {
  const file = join(bench.directory, '.venv', 'bin', 'python');
  const said = { version: '3.11', platform: 'cpython-311-test', base: file, installed };
  mkdirSync(join(file, '..'), { recursive: true });
  writeFileSync(file, `#!/bin/sh\nif [ "$1" = -c ]; then echo '${JSON.stringify(said)}'; exit; fi\n${pip}\n`);
  chmodSync(file, 0o755);
  return file;
}

const AUTO = { instrument: { language: 'auto' } } as const;

describe('instrument: auto', () => {
  test.each(['node server.js', 'opentelemetry-instrument gunicorn app:app'])(
    'leaves `%s` as it is',
    async (start) => {
      expect(await envOf(start, { ...AUTO, env: { A: '1' } })).toEqual({ A: '1' });
    },
  );

  test('says that nothing can be brought to a Go program, and what to do instead', async () => {
    await expect(envOf('go run .', AUTO)).rejects.toMatchObject({
      code: 'instrument-unknown-language',
      where: 'services.api.instrument',
      hint: expect.stringContaining('otelhttp'),
    });
  });

  test('asks for the language where nothing says it', async () => {
    await expect(envOf('./run.sh', AUTO)).rejects.toMatchObject({
      code: 'instrument-unknown-language',
      exitCode: 2,
    });
  });
});

describe('a Python service', () => {
  const PYTHON = { instrument: { language: 'python', interpreter: '.venv/bin/python' } } as const;

  test('gets a folder of packages in front of its own PYTHONPATH, made once', async () => {
    const log = join(bench.directory, 'pip.log');
    pythonThat({ Flask: '3.1.3', protobuf: '5.29.3' }, `echo "$@" >> ${log}`);
    const changes = { ...PYTHON, env: { PYTHONPATH: 'lib' } };
    const env = await envOf('./serve', changes);
    const [overlay = '', directory, own] = (env.PYTHONPATH ?? '').split(':');
    expect(overlay).toMatch(/cache\/spangate\/instrument\/python-[0-9a-f]{16}\/start$/);
    expect([directory, own]).toEqual([bench.directory, 'lib']);
    expect(steps).toEqual(['api: OpenTelemetry for Python 3.11: flask, sqlite3, threading, urllib']);
    // A second one finds it: an installer that fails does not matter any more.
    pythonThat({ Flask: '3.1.3', protobuf: '5.29.3' }, 'exit 1');
    expect(await envOf('./serve', changes)).toEqual(env);
  });

  test('is started with the instrumentation of its own environment where that has one', async () => {
    const own = { 'opentelemetry-distro': '0.66b1', 'opentelemetry-exporter-otlp-proto-http': '1.45.1' };
    pythonThat({ flask: '3.1.3', ...own }, 'exit 1');
    expect((await envOf('./serve', PYTHON)).PYTHONPATH).toContain('/start:');
    expect(steps).toEqual(['api: instrumented by the OpenTelemetry of its own environment']);
  });

  test('without its interpreter fails, and says how to name it', async () => {
    await expect(envOf('./serve', PYTHON)).rejects.toMatchObject({
      code: 'python-not-found',
      hint: expect.stringContaining('instrument: { python: .venv/bin/python }'),
    });
  });

  test.each([
    ['echo "No module named pip"; exit 1', 'neither pip nor uv', 'python3-pip'],
    [
      'echo "ERROR: ResolutionImpossible"; exit 1',
      'do not go with what the service has',
      'Raise the packages',
    ],
    ['echo "Connection refused"; exit 1', 'the installer failed', 'PIP_INDEX_URL'],
  ])('is not measured without its spans: %s', async (pip, reason, hint) => {
    pythonThat({ flask: '3.1.3' }, pip);
    // No uv either, wherever this runs.
    await expect(envOf('./serve', { ...PYTHON, env: { PATH: '/usr/bin:/bin' } })).rejects.toMatchObject({
      code: 'python-packages-missing',
      message: expect.stringContaining(reason),
      hint: expect.stringContaining(hint),
      exitCode: 3,
    });
  });

  test('with an OpenTelemetry that nothing fits to is told so', async () => {
    pythonThat({ 'opentelemetry-api': '1.4.0' }, 'exit 1');
    await expect(envOf('./serve', PYTHON)).rejects.toMatchObject({ code: 'python-opentelemetry-too-old' });
  });
});

describe('a Java service', () => {
  test('gets the agent that it names, behind the options that it has', async () => {
    writeFileSync(join(bench.directory, 'agent.jar'), '');
    const env = await envOf('java -jar app.jar', {
      instrument: { language: 'java', agent: 'agent.jar' },
      env: { JAVA_TOOL_OPTIONS: '-Xmx256m' },
    });
    expect(env.JAVA_TOOL_OPTIONS).toBe(`-Xmx256m -javaagent:${join(bench.directory, 'agent.jar')}`);
  });

  test('with an agent that is not there fails before anything is started', async () => {
    await expect(
      envOf('java -jar app.jar', { instrument: { language: 'java', agent: 'agent.jar' } }),
    ).rejects.toMatchObject({ code: 'java-agent-missing', where: 'services.api.instrument.java' });
  });
});
