import { describe, expect, it } from 'vitest';
import { fieldNames, fieldsOf } from '../../../src/runner/load/json-field.ts';
import { excerpt, isCredential } from '../../../src/runner/load/redact.ts';

describe('fields of an answer', () => {
  const body = JSON.stringify({
    id: 7,
    ok: false,
    list: [{ name: 'a' }, { name: 'b', deep: { 'odd key': 'x' } }],
    nothing: null,
    half: '\ud800',
  });

  it.each([
    ['$.id', '7'],
    ['$.ok', 'false'],
    ['$.list[1].name', 'b'],
    ["$.list[1].deep['odd key']", 'x'],
    ['$.half', '\ufffd'],
  ])('finds %s', (path, value) => {
    expect(fieldsOf([['kept', path]], body)).toEqual([['kept', value]]);
  });

  it.each([
    '$.none',
    '$.list[9].name',
    '$.nothing',
    '$.nothing.more',
    '$.list',
    '$.id.toString',
    '$.constructor.name',
  ])('finds nothing at %s', (path) => {
    expect(fieldsOf([['kept', path]], body)).toEqual([]);
  });

  it('finds nothing in what is no JSON', () => {
    expect(fieldsOf([['kept', '$.id']], '<html>')).toEqual([]);
    expect(fieldNames('<html>')).toEqual([]);
  });

  it('takes a bare value at the root', () => {
    expect(fieldsOf([['kept', '$']], '"token"')).toEqual([['kept', 'token']]);
  });
});

describe('the start of an answer in a message', () => {
  it('is one line of at most 200 characters', () => {
    const text = excerpt(`a\n\tb ${'x'.repeat(500)}`, []);
    expect(text).toHaveLength(200);
    expect(text.startsWith('a b x')).toBe(true);
    expect(excerpt('short', [])).toBe('short');
  });

  it.each([
    ['a value of the connection', 'no access for s3cr3t-value', ['s3cr3t-value']],
    ['a bearer token', 'got "Authorization: Bearer s3cr3t-value"', []],
    ['a JSON web token', 'bad eyJhbGciOi.s3cr3t-value.c2ln', []],
    ['a field that is named so', '{"refreshToken": "s3cr3t-value", "id": 1}', []],
    ['a password that was sent', '{"user":"u","password":"s3cr3t-value"}', []],
    ['a secret that is cut at the end', `${'.'.repeat(195)}s3cr3t-value`, ['s3cr3t-value']],
  ])('does not show %s', (_case, body, secrets) => {
    const text = excerpt(body, secrets);
    expect(text).not.toContain('s3cr');
    expect(text).toContain('[');
  });

  it('knows headers that carry credentials', () => {
    const names = ['Authorization', 'proxy-authorization', 'Cookie', 'X-API-Key', 'x-csrf-token', 'apikey'];
    expect(names.every(isCredential)).toBe(true);
    expect(['accept', 'content-type', 'x-request-id', 'cookie-policy'].some(isCredential)).toBe(false);
  });
});
