import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Measurement } from '../src/measurement.ts';
import { conforms, pathText, resolveNode, validate } from '../src/schema.ts';

const root = resolve(import.meta.dirname, '..');

const MEASUREMENT: Measurement = {
  schemaVersion: 1,
  tool: 'spangate 0.1.0',
  id: 'm1',
  scenario: 'default',
  createdAt: '2026-01-02T03:04:05.000Z',
  commit: null,
  detail: 'summary',
  status: 'complete',
  workload: {
    hash: '00',
    seed: 1,
    model: 'closed',
    connections: 2,
    durationSeconds: 8,
    requests: [{ name: 'GET /', weight: 1, writes: false }],
  },
  environment: {
    cpuModel: 'x',
    cores: 2,
    cpuQuota: null,
    architecture: 'x64',
    memoryBytes: 1,
    platform: 'linux',
    kernel: '6',
    image: null,
    ci: null,
    serviceRuntime: null,
    openTelemetry: null,
  },
  rounds: [],
  merged: {},
  warnings: [],
};

describe('the schemas', () => {
  test('are what the types say', () => {
    execFileSync(process.execPath, ['scripts/schemas.mjs', '--check'], { cwd: root, stdio: 'pipe' });
  });

  test.each(['config', 'measurement', 'comparison'])('%s names its dialect and has a title', (name) => {
    const schema = JSON.parse(readFileSync(resolve(root, `schemas/${name}.schema.json`), 'utf8'));
    expect(schema).toMatchObject({
      $schema: 'http://json-schema.org/draft-07/schema#',
      title: expect.stringMatching(/./),
    });
  });
});

describe('validate', () => {
  test('finds nothing wrong with a measurement of its type', () => {
    expect(validate('measurement', MEASUREMENT)).toEqual([]);
    expect(conforms('measurement', MEASUREMENT)).toBe(true);
  });

  test('refuses another schema version', () => {
    const errors = validate('measurement', { ...MEASUREMENT, schemaVersion: 2 });
    expect(errors.map((error) => [pathText(error.path), error.keyword])).toEqual([
      ['schemaVersion', 'const'],
    ]);
  });

  test('lists every error with its path, where keys and positions are told apart', () => {
    const errors = validate('measurement', {
      ...MEASUREMENT,
      workload: { ...MEASUREMENT.workload, requests: [{ name: 'a', weight: '1', writes: false }] },
      merged: { '0': { latency: 1, spans: {} } },
      extra: 1,
    });
    expect(errors.map((error) => pathText(error.path)).sort()).toEqual(
      ['', 'merged.0.latency', 'workload.requests[0].weight'].sort(),
    );
  });

  test('knows a single comparison as well as the result of a gate', () => {
    expect(validate('comparison', { schemaVersion: 1, verdict: 'pass', comparisons: [] })).not.toEqual([]);
    expect(validate('gate-result', { schemaVersion: 1, verdict: 'pass', comparisons: [] })).toEqual([]);
  });
});

describe('resolveNode', () => {
  test('follows a reference', () => {
    expect(resolveNode('config', { $ref: '#/$defs/LevelWord' }).enum).toEqual(['off', 'warn', 'fail']);
  });
});

describe('pathText', () => {
  test.each([
    [[], ''],
    [['load', 'requests', 0, 'weight'], 'load.requests[0].weight'],
    [['services', 'api.v2', 'env'], 'services["api.v2"].env'],
    [['rounds', 'warm-up'], 'rounds.warm-up'],
  ])('%j is %s', (path, text) => {
    expect(pathText(path)).toBe(text);
  });
});
