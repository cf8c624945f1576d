import { describe, expect, it } from 'vitest';
import { paintOf, wantsColour } from '../../src/report/colour.ts';

const CASES = [
  { env: {}, isTTY: true, colour: true, when: 'a terminal asks for nothing else' },
  { env: {}, isTTY: false, colour: false, when: 'the output is a file or a pipe' },
  { env: { TERM: 'dumb' }, isTTY: true, colour: false, when: 'the terminal is dumb' },
  { env: { NO_COLOR: '1' }, isTTY: true, colour: false, when: 'NO_COLOR is set' },
  { env: { NO_COLOR: '0' }, isTTY: true, colour: false, when: 'NO_COLOR has any text' },
  { env: { NO_COLOR: '' }, isTTY: true, colour: true, when: 'NO_COLOR is empty' },
  { env: { FORCE_COLOR: '1' }, isTTY: false, colour: true, when: 'FORCE_COLOR is set' },
  { env: { FORCE_COLOR: '' }, isTTY: false, colour: true, when: 'FORCE_COLOR is empty' },
  { env: { FORCE_COLOR: '0' }, isTTY: true, colour: false, when: 'FORCE_COLOR is 0' },
  { env: { FORCE_COLOR: 'false' }, isTTY: true, colour: false, when: 'FORCE_COLOR is false' },
  { env: { FORCE_COLOR: '1', NO_COLOR: '1' }, isTTY: false, colour: true, when: 'both are set' },
  {
    env: { GITHUB_ACTIONS: 'true', CI: 'true' },
    isTTY: false,
    colour: false,
    when: 'a CI runner reads along',
  },
] as const;

describe('colour', () => {
  for (const { env, isTTY, colour, when } of CASES) {
    it(`is ${colour ? 'on' : 'off'} when ${when}`, () => {
      expect(wantsColour(env, isTTY)).toBe(colour);
    });
  }

  it('leaves text alone where it is off', () => {
    expect(paintOf(false).red('text')).toBe('text');
  });

  it('is taken back behind the text', () => {
    expect(paintOf(true).bold(paintOf(true).red('text'))).toBe('\u001b[1m\u001b[31mtext\u001b[39m\u001b[22m');
  });
});
