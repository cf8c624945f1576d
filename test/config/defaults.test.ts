import { describe, expect, test } from 'vitest';
import * as defaults from '../../src/config/defaults.ts';
import { resolveNode, type SchemaNode } from '../../src/schema.ts';

function schemaDefault(section: string, key: string): unknown {
  const node = resolveNode('config', { $ref: `#/$defs/${section}` }).properties?.[key];
  return (node as (SchemaNode & { default?: unknown }) | undefined)?.default;
}

describe('the defaults', () => {
  test.each([
    ['ServiceSection', 'start-timeout', defaults.DEFAULT_START_TIMEOUT],
    ['ServiceSection', 'stop-timeout', defaults.DEFAULT_STOP_TIMEOUT],
    ['DependencySection', 'start-timeout', defaults.DEFAULT_START_TIMEOUT],
    ['LoadSection', 'connections', defaults.DEFAULT_CONNECTIONS],
    ['LoadSection', 'timeout', defaults.DEFAULT_REQUEST_TIMEOUT],
    ['LoadSection', 'max-writes', defaults.DEFAULT_MAX_WRITES],
    ['LoadSection', 'seed', defaults.DEFAULT_SEED],
    ['LoadSection', 'arrivals', defaults.DEFAULT_ARRIVALS],
    ['TogetherSection', 'screen', defaults.DEFAULT_TOGETHER.screen],
    ['TogetherSection', 'confirm', defaults.DEFAULT_TOGETHER.confirm],
    ['TogetherSection', 'at-most', defaults.DEFAULT_TOGETHER.atMost],
    ['TogetherSection', 'duration', defaults.DEFAULT_TOGETHER.duration],
    ['TogetherSection', 'budget', defaults.DEFAULT_TOGETHER.budget],
    ['ProbeSection', 'connections', defaults.DEFAULT_TOGETHER.probe.connections],
    ['ProbeSection', 'slot', defaults.DEFAULT_TOGETHER.probe.slot],
    ['RoundsSection', 'count', defaults.DEFAULT_ROUNDS],
    ['RoundsSection', 'duration', defaults.DEFAULT_DURATION],
    ['RoundsSection', 'max-warm-up', defaults.DEFAULT_MAX_WARM_UP],
    ['BaselineSection', 'path', defaults.DEFAULT_BASELINE_PATH],
    ['BaselineSection', 'max-age', defaults.DEFAULT_MAX_AGE],
  ])('%s.%s is what the schema tells editors', (section, key, value) => {
    expect(schemaDefault(section, key)).toBe(value);
  });

  test.each(Object.entries(defaults.PROFILES))('%s never fails below what warns', (_name, profile) => {
    for (const quantity of defaults.QUANTITIES) {
      expect(profile.limits[quantity].fail).toBeGreaterThanOrEqual(profile.limits[quantity].warn);
    }
  });

  test('go from relaxed to standard to strict, quantity by quantity', () => {
    const { relaxed, standard, strict } = defaults.PROFILES;
    for (const quantity of defaults.QUANTITIES) {
      for (const part of ['warn', 'fail', 'atLeast'] as const) {
        expect(relaxed.limits[quantity][part]).toBeGreaterThanOrEqual(standard.limits[quantity][part]);
        expect(standard.limits[quantity][part]).toBeGreaterThanOrEqual(strict.limits[quantity][part]);
      }
    }
  });

  test('make a policy without rules', () => {
    expect(defaults.defaultPolicy('relaxed')).toMatchObject({
      profile: 'relaxed',
      rules: [],
      limits: defaults.PROFILES.relaxed.limits,
      collapsed: 'warn',
      strict: false,
    });
  });
});
