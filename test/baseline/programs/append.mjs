/** Appends runs to a history: `node append.mjs PATH NAME COUNT`; twelve are kept. */
import { appendRun } from '../../../build/baseline/run-history.js';

const [path, name, count] = process.argv.slice(2);
for (let at = 0; at < Number(count); at += 1) {
  const second = String(at).padStart(2, '0');
  appendRun({ path, history: 12 }, measurement(`${name}-${at}`, `2026-11-01T08:00:${second}.000Z`), {
    accepted: false,
  });
}

function measurement(id, createdAt) {
  return {
    schemaVersion: 1,
    tool: 'spangate 0.0.0',
    id,
    scenario: 'default',
    createdAt,
    commit: null,
    detail: 'summary',
    status: 'complete',
    workload: { hash: 'a', seed: 1, model: 'closed', connections: 1, durationSeconds: 1, requests: [] },
    environment: {
      cpuModel: 'Test CPU',
      cores: 2,
      cpuQuota: null,
      architecture: 'x64',
      memoryBytes: 1,
      platform: 'linux',
      kernel: '6.0',
      image: null,
      ci: null,
      serviceRuntime: 'v20.20.2',
      openTelemetry: '2.12.0',
    },
    rounds: [],
    merged: {},
    warnings: [],
  };
}
