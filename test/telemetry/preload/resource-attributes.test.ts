import { expect, test } from 'vitest';
import { resourceAttributes } from '../../../src/telemetry/preload/resource-attributes.ts';

test('the attributes of the environment are read as SDKs read them', () => {
  expect(resourceAttributes('cloud.region=eu, tenant = a%2Cb ,team=x=y,broken,=none,half=%')).toEqual({
    'cloud.region': 'eu',
    tenant: 'a,b',
    team: 'x=y',
    half: '%',
  });
  expect(resourceAttributes(undefined)).toEqual({});
  expect(resourceAttributes('')).toEqual({});
});
