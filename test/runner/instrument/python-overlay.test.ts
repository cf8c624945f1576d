import { expect, test } from 'vitest';
import { isConflict } from '../../../src/runner/instrument/python-overlay.ts';

const PIP = 'ERROR: No matching distribution found for opentelemetry-distro==0.45b0';

test.each([
  ['no such version', `ERROR: Could not find a version (from versions: 0.46b0, 0.47b0)\n${PIP}`, true],
  ['versions that exclude one another', 'ERROR: ResolutionImpossible: for help visit …', true],
  ['no index', `ERROR: Could not find a version (from versions: none)\n${PIP}`, false],
])('%s is told apart from the others', (_, text, expected) => {
  expect(isConflict(text)).toBe(expected);
});
