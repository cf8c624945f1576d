import { describe, expect, it } from 'vitest';
import { EXIT, UserError } from '../../src/errors.ts';
import { errorText, placeText } from '../../src/report/error-text.ts';

describe('a mistake of the user', () => {
  it('is printed by what, where, detail and hint, without a stack', () => {
    const error = new UserError({
      code: 'unknown-key',
      what: 'unknown key "wieght"',
      where: { file: 'spangate.yml', line: 12, column: 7, path: 'load.requests[0].wieght' },
      detail: ['expected one of: name, weight'],
      hint: 'did you mean "weight"?',
      exitCode: EXIT.usage,
    });
    expect(errorText(error)).toBe(
      [
        'error[unknown-key]: unknown key "wieght"',
        '  at spangate.yml:12:7 (load.requests[0].wieght)',
        '  expected one of: name, weight',
        'hint: did you mean "weight"?',
        '',
      ].join('\n'),
    );
  });

  it('needs no place, detail or hint', () => {
    const error = new UserError({
      code: 'disk-full',
      what: 'No space left.',
      exitCode: EXIT.couldNotMeasure,
    });
    expect(errorText(error)).toBe('error[disk-full]: No space left.\n');
  });

  it('may take several lines to tell', () => {
    const error = new UserError({ code: 'a', what: 'two mistakes\nsecond', exitCode: EXIT.usage });
    expect(errorText(error)).toBe('error[a]: two mistakes\n  second\n');
  });

  it('is coloured only where asked', () => {
    const error = new UserError({ code: 'a', what: 'b', hint: 'c', exitCode: EXIT.usage });
    expect(errorText(error, { colour: true })).toContain('\u001b[31m');
    expect(errorText(error)).not.toContain('\u001b');
  });

  it('shows the log of a service without its colours, and without commands to the CI runner', () => {
    const error = new UserError({
      code: 'service-exited',
      what: 'The service exited with code 1.',
      detail: [
        '\u001b[31mError\u001b[39m: no\tport',
        '::set-output name=x::1',
        '  ::add-mask::y',
        'x ##[error]z',
        '##vso[task]z',
      ],
      exitCode: EXIT.couldNotMeasure,
    });
    const lines = errorText(error).split('\n');
    expect(lines).toContain('  Error: no  port');
    expect(lines.filter((line) => /^\s*::|##(vso)?\[/.test(line))).toEqual([]);
  });
});

describe('a place', () => {
  it('is as exact as it is known', () => {
    expect(placeText('line 3 of the log')).toBe('line 3 of the log');
    expect(placeText({ file: 'a.yml' })).toBe('a.yml');
    expect(placeText({ file: 'a.yml', line: 3 })).toBe('a.yml:3');
    expect(placeText({ file: 'a.yml', line: 3, column: 5 })).toBe('a.yml:3:5');
    expect(placeText({ file: 'a.yml', path: 'load' })).toBe('a.yml (load)');
  });
});

describe('a bug of ours', () => {
  it('is printed with its stack, its causes, and a request to report it', () => {
    const error = new TypeError('x is not a function', { cause: new Error('deeper') });
    const text = errorText(error);
    expect(text).toMatch(/^bug: TypeError: x is not a function\n {2}at .*error-text\.test\.ts/);
    expect(text).toContain('caused by Error: deeper');
    expect(text).toContain('please report it');
  });

  it('can be anything that is thrown', () => {
    const circular: { self?: unknown } = {};
    circular.self = circular;
    expect(errorText('text')).toContain('bug: thrown: text');
    expect(errorText(undefined)).toContain('bug: thrown: undefined');
    expect(errorText(circular)).toContain('bug: thrown: object');
  });

  it('that is its own cause ends', () => {
    const error = new Error('again');
    error.cause = error;
    expect(errorText(error).split('caused by').length).toBe(6);
  });
});
