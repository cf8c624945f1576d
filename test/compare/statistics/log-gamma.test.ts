import { expect, test } from 'vitest';
import { logGamma } from '../../../src/compare/statistics/log-gamma.ts';

// scipy 1.17.1: scipy.special.gammaln(x)
test.each([
  [1e-5, 11.512919692895826],
  [0.1, 2.252712651734206],
  [0.5, 0.5723649429247],
  [1.5, -0.12078223763524526],
  [5, 3.1780538303479458],
  [9.99, 12.779315214350195],
  [10, 12.801827480081469],
  [100.5, 361.43554046777757],
  [1e6, 12_815_504.569147611],
])('the logarithm of gamma(%d) agrees with SciPy', (x, expected) => {
  expect(Math.abs(logGamma(x) - expected)).toBeLessThan(1e-13 * Math.max(1, Math.abs(expected)));
});

test('there is none of zero or less', () => {
  expect(() => logGamma(0)).toThrow(RangeError);
});
