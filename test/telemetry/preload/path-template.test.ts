import { expect, test } from 'vitest';
import { pathTemplate } from '../../../src/telemetry/preload/path-template.ts';

test.each([
  ['/', '/'],
  ['', '/'],
  ['/orders', '/orders'],
  ['/orders/', '/orders/'],
  ['/orders/17', '/orders/:id'],
  ['/orders/17/lines/3', '/orders/:id/lines/:id'],
  ['/users/3f2504e0-4f89-41d3-9a0c-0305e82c3301', '/users/:id'],
  ['/users/3F2504E04F8941D39A0C0305E82C3301', '/users/:id'],
  ['/blobs/9f86d081884c7d65', '/blobs/:id'],
  ['/blobs/deadbeef', '/blobs/deadbeef'],
  ['/sku/sku-00017', '/sku/sku-:id'],
  ['/sku/ORD4711', '/sku/ORD:id'],
  ['/v1/oauth2/token', '/v1/oauth2/token'],
  ['/keys/V1StGXR8_Z5jdHi6B-myT', '/keys/:id'],
  ['/days/2026-11-22', '/days/:id'],
  ['/days/2026-11-22T10:00:00Z', '/days/:id'],
  ['/mail/a@b.example', '/mail/:id'],
  ['/search/caf%C3%A9', '/search/:id'],
  ['/index.html', '/index.html'],
  ['/a/b/c/d/e/f/g/h/i/j', '/a/b/c/d/e/f/g/h/…'],
  [`/${'x'.repeat(65)}`, '/:id'],
])('%s is %s', (path, template) => {
  expect(pathTemplate(path)).toBe(template);
});
