import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';

/**
 * Who may import whom. A file belongs to its folder under src/, or is a room of its own. `type:` allows types only.
 * docs/architecture.md says the same in prose.
 */
const MAY_IMPORT: Record<string, readonly string[]> = {
  // The doors and the story.
  'bin.ts': ['cli.ts', 'process-world.ts'],
  'action-bin.ts': ['action.ts', 'process-world.ts'],
  'process-world.ts': ['commands/failure.ts', 'errors.ts', 'type:world.ts'],
  'action.ts': ['action/', 'github/', 'type:errors.ts', 'type:world.ts'],
  'cli.ts': [
    'commands/',
    'doctor/',
    'handing-on/',
    'init/',
    'report/',
    'errors.ts',
    'tool.ts',
    'type:world.ts',
  ],
  'gate.ts': [
    'each-scenario.ts',
    'baseline/',
    'compare/',
    'coverage/',
    'errors.ts',
    'measurement.ts',
    'type:config.ts',
  ],
  'each-scenario.ts': ['errors.ts', 'type:compare/comparison.ts', 'type:measurement.ts'],
  'gate-together.ts': [
    'gate.ts',
    'each-scenario.ts',
    'compare/',
    'coverage/',
    'errors.ts',
    'type:runner/together/together-run.ts',
    'type:measurement.ts',
    'type:config.ts',
  ],
  'calibrate.ts': ['gate-together.ts', 'compare/', 'type:runner/together/together-run.ts', 'type:config.ts'],
  'selftest.ts': [
    'gate-together.ts',
    'compare/',
    'telemetry/injection.ts',
    'errors.ts',
    'measurement.ts',
    'type:gate.ts',
    'type:config.ts',
  ],
  // What the doors open.
  'commands/': [
    'gate.ts',
    'gate-together.ts',
    'calibrate.ts',
    'selftest.ts',
    'baseline/',
    'config/',
    'report/',
    'runner/',
    'ref-store/',
    'ledger/',
    'handing-on/',
    'errors.ts',
    'schema.ts',
    'tool.ts',
    'type:compare/comparison.ts',
    'type:config.ts',
    'type:measurement.ts',
    'type:world.ts',
    'compare/comparison.ts',
    'compare/earlier-attempts.ts',
    'compare/people-waivers.ts',
    'compare/policy.ts',
    'compare/stricter-config.ts',
    'compare/unmeasured.ts',
    'type:each-scenario.ts',
  ],
  'doctor/': [
    'commands/',
    'report/',
    'runner/',
    'telemetry/',
    'errors.ts',
    'type:config.ts',
    'type:world.ts',
  ],
  'action/': [
    'commands/',
    'gate.ts',
    'github/',
    'report/',
    'ledger/ledger-run.ts',
    'runner/checkout/find-base.ts',
    'errors.ts',
    'type:compare/comparison.ts',
    'type:compare/earlier-attempts.ts',
    'type:config.ts',
    'type:world.ts',
  ],
  'github/': ['errors.ts'],
  'init/': ['config/', 'errors.ts', 'tool.ts', 'type:world.ts'],
  'config/': ['errors.ts', 'schema.ts', 'type:config.ts', 'type:measurement.ts'],
  // The rooms that never see one another.
  'runner/': [
    'telemetry/',
    'measurement.ts',
    'histogram.ts',
    'quantile.ts',
    'random.ts',
    'errors.ts',
    'type:config.ts',
  ],
  'baseline/': ['measurement.ts', 'histogram.ts', 'errors.ts', 'schema.ts', 'type:config.ts'],
  'handing-on/': ['telemetry/', 'errors.ts', 'type:measurement.ts', 'type:runner/round-options.ts'],
  'ref-store/': ['runner/checkout/git.ts', 'errors.ts'],
  'ledger/': ['type:compare/comparison.ts'],
  'compare/': ['measurement.ts', 'histogram.ts', 'quantile.ts', 'random.ts', 'type:config.ts'],
  'report/': ['type:compare/', 'type:ledger/', 'type:measurement.ts', 'type:config.ts', 'type:errors.ts'],
  'coverage/': [
    'compare/coverage-levels.ts',
    'measurement.ts',
    'type:compare/comparison.ts',
    'type:config.ts',
  ],
  'telemetry/': ['measurement.ts', 'histogram.ts', 'errors.ts', 'type:config.ts'],
  // What everybody stands on.
  'measurement.ts': ['type:histogram.ts'],
  'histogram.ts': [],
  'quantile.ts': [],
  'random.ts': [],
  'errors.ts': [],
  'config.ts': [],
  'world.ts': [],
  'tool.ts': [],
  'schema.ts': [],
};

const source = resolve(import.meta.dirname, '../src');

function sourceFiles(): string[] {
  return readdirSync(source, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'));
}

interface Import {
  readonly from: string;
  readonly to: string;
  readonly typeOnly: boolean;
}

function importsOf(file: string): Import[] {
  const text = readFileSync(join(source, file), 'utf8');
  const statements = text.matchAll(
    /(?:^|\n)\s*(?:import|export)\s+(type\s)?((?:[^'"`;]*?)\sfrom\s+)?['"](\.[^'"]+)['"]|import\(\s*['"](\.[^'"]+)['"]/g,
  );
  return [...statements].map((match) => {
    const names = match[2] ?? '';
    const listed =
      /\{([^}]*)\}/
        .exec(names)?.[1]
        ?.split(',')
        .map((name) => name.trim()) ?? [];
    const allTypes = listed.length > 0 && listed.filter(Boolean).every((name) => name.startsWith('type '));
    return {
      from: file,
      to: relative(source, resolve(source, dirname(file), match[3] ?? match[4] ?? '')),
      typeOnly: match[1] !== undefined || allTypes,
    };
  });
}

/** Files at the top of src/ that share one job and a first word: `config-file.ts`, `config-limits.ts`, … */
const ROOMS_BY_PREFIX: readonly string[] = ['config-', 'init'];

function roomOf(file: string): string {
  const prefix = ROOMS_BY_PREFIX.find((each) => file.startsWith(each) && !file.includes('/'));
  if (prefix !== undefined) return `${prefix}*`;
  const folder = file.split('/')[0] ?? file;
  return file.includes('/') ? `${folder}/` : folder;
}

function allowed({ from, to, typeOnly }: Import): boolean {
  const room = roomOf(from);
  if (/[/*]$/.test(room) && roomOf(to) === room) return true;
  return (MAY_IMPORT[room] ?? []).some((entry) => {
    const types = entry.startsWith('type:');
    const path = types ? entry.slice('type:'.length) : entry;
    return (typeOnly || !types) && (path.endsWith('/') ? to.startsWith(path) : to === path);
  });
}

describe('the architecture', () => {
  const imports = sourceFiles().flatMap(importsOf);

  test('has imports to look at', () => {
    expect(imports.length).toBeGreaterThan(20);
  });

  test('lets nobody import what the table does not allow', () => {
    const wrong = imports.filter((each) => !allowed(each)).map((each) => `${each.from} -> ${each.to}`);
    expect(wrong).toEqual([]);
  });

  test('knows every room', () => {
    const unknown = sourceFiles()
      .map(roomOf)
      .filter((room) => !(room in MAY_IMPORT));
    expect([...new Set(unknown)]).toEqual([]);
  });

  test('is told by docs/architecture.md, room by room', () => {
    const text = readFileSync(resolve(import.meta.dirname, '../docs/architecture.md'), 'utf8');
    const told = [...text.matchAll(/^\s*([a-z-]+(?:\.ts|\/)) /gm)].map((match) => match[1] ?? '');
    expect(told.toSorted()).toEqual(Object.keys(MAY_IMPORT).toSorted());
  });

  test('has no cycles', () => {
    const graph = new Map<string, string[]>();
    for (const each of imports) {
      if (!each.typeOnly) graph.set(each.from, [...(graph.get(each.from) ?? []), each.to]);
    }
    const done = new Set<string>();
    const walk = (file: string, path: readonly string[]): void => {
      if (path.includes(file)) throw new Error(`a cycle: ${[...path, file].join(' -> ')}`);
      if (done.has(file)) return;
      for (const next of graph.get(file) ?? []) walk(next, [...path, file]);
      done.add(file);
    };
    for (const file of graph.keys()) walk(file, []);
    expect(done.size).toBeGreaterThan(0);
  });
});
