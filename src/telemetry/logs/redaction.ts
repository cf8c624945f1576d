/**
 * Takes secrets out of log lines before anything keeps them. Pure, never throws, and takes time in proportion to the
 * text: the patterns here have no unbounded repetition inside another, and those of the user are run by an engine
 * without backtracking (RE2), so that a slow pattern cannot stop a run.
 */
import { RE2JS } from 're2js';

export const REDACTED = '[redacted]';

export type Redactor = (text: string) => string;

/** @param patterns regular expressions in the syntax of RE2, besides what is always taken out */
export function redactorOf(patterns: readonly string[] = []): Redactor {
  const own = patterns.map((pattern) => RE2JS.compile(pattern)).filter((pattern) => !pattern.matches(''));
  return (text) => {
    // A half of a surrogate pair is no text to an engine that reads code points.
    let clean = own.length === 0 ? text : Buffer.from(text).toString();
    for (const pattern of own) clean = pattern.matcher(clean).replaceAll(REDACTED);
    for (const [pattern, replacement] of ALWAYS) {
      clean =
        typeof replacement === 'string'
          ? clean.replace(pattern, replacement)
          : clean.replace(pattern, replacement);
    }
    return clean;
  };
}

/** Names of values that are secret, wherever they are part of a name. */
const SECRET_NAMES = [
  ...[
    'password',
    'passwd',
    'passphrase',
    'pwd',
    'secret',
    'token',
    'credentials?',
    'session[_-]?id',
    'sessid',
  ],
  ...[
    'api[_-]?key',
    'access[_-]?key',
    'private[_-]?key',
    'signing[_-]?key',
    'encryption[_-]?key',
    'auth[_-]?key',
  ],
  ...['csrf', 'xsrf', 'otp', 'cvv', 'cvc', 'connect\\.sid', 'card[_-]?number'],
].join('|');

/** `=`, `:`, `=>` or `is` between a name and its value, and quotes that JSON inside of JSON writes with a backslash. */
const BETWEEN = String.raw`\\{0,3}["']?\s{0,5}(?:=>|[=:]|\bis\b)(?!\s{0,5}\[redacted\])\s{0,5}`;
const QUOTED = String.raw`\\{0,3}"[^"\r\n]{0,2000}(?:"|$)|'[^'\r\n]{0,2000}(?:'|$)`;

type Rule = readonly [RegExp, string | ((match: string) => string)];

/** In this order: what takes more goes first. */
const ALWAYS: readonly Rule[] = [
  [
    /-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----[\s\S]*?(?:-----END [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----|$)/g,
    REDACTED,
  ],
  // Headers, up to the end of the line or the quote that encloses them.
  [
    new RegExp(
      String.raw`\b(set-cookie2?|cookies?)${BETWEEN}(?:${QUOTED}|\[[^\]\r\n]{0,4000}\]?|[^"'\r\n]{1,4000})`,
      'gi',
    ),
    `$1: ${REDACTED}`,
  ],
  [
    new RegExp(
      String.raw`\b((?:proxy-|x-)?authorization|x-auth|www-authenticate)${BETWEEN}(?:${QUOTED}|(?:digest|hawk|aws4-[a-z0-9-]{1,40})\s[^\r\n]{1,4000}|(?:[a-z][a-z0-9_-]{1,30}\s{1,5})?[^\s"',;}]{1,4000})`,
      'gi',
    ),
    `$1: ${REDACTED}`,
  ],
  [/\b(bearer)\s{1,5}(?!\[redacted\])[A-Za-z0-9._~+/=-]{6,4000}/gi, `$1 ${REDACTED}`],
  [/\b(basic)\s{1,5}(?=[A-Za-z+/]{0,200}[0-9A-Z=])[A-Za-z0-9+/]{6,2000}={0,2}/g, `$1 ${REDACTED}`],
  [/\b(Basic)\s{1,5}(?=[A-Za-z+/]{0,200}[0-9A-Z=])[A-Za-z0-9+/]{6,2000}={0,2}/g, `$1 ${REDACTED}`],
  // user:password@ of a URL.
  [/\b([a-z][a-z0-9+.-]{0,20}:\/\/)[^\s/@:"']{0,200}:[^\s/@"']{1,200}@/gi, `$1${REDACTED}@`],
  [
    new RegExp(
      String.raw`(?<![\w.-])([\w.-]{0,40}(?:${SECRET_NAMES})[\w.-]{0,40})${BETWEEN}(?:${QUOTED}|[^\s,;&"'<>()}\]]{1,2000})`,
      'gi',
    ),
    `$1=${REDACTED}`,
  ],
  // Tokens that can be known by how they look.
  [/\beyJ[A-Za-z0-9_-]{4,4000}\.[A-Za-z0-9_-]{4,4000}(?:\.[A-Za-z0-9_-]{0,4000})?/g, REDACTED],
  [
    /\b(?:gh[pousr]_[A-Za-z0-9]{20,255}|github_pat_\w{20,255}|glpat-[\w-]{16,255}|xox[abeoprs]-[\w-]{8,255}|sk-[A-Za-z0-9_-]{16,255}|[spr]k_(?:live|test)_\w{8,255}|(?:AKIA|ASIA)[0-9A-Z]{16}|AIza[\w-]{30,60}|ya29\.[\w-]{10,255}|npm_[A-Za-z0-9]{30,60}|pypi-[\w-]{16,255}|dckr_pat_[\w-]{16,255}|SG\.[\w-]{16,80}\.[\w-]{16,80}|hvs\.[\w-]{16,255})/g,
    REDACTED,
  ],
  [/(?<![\d.])\d(?:[ -]?\d){12,18}(?![\d.])/g, (digits) => (isCardNumber(digits) ? REDACTED : digits)],
  [/[\p{L}\p{N}._%+-]{1,64}@[\p{L}\p{N}-]{1,63}(?:\.[\p{L}\p{N}-]{1,63}){1,8}/gu, REDACTED],
];

/** By the check digit of Luhn (ISO/IEC 7812-1), and a first digit that cards have. */
function isCardNumber(text: string): boolean {
  const digits = text.replace(/\D/g, '');
  if (!/^[2-6]/.test(digits)) return false;
  let sum = 0;
  for (const [index, digit] of [...digits].reverse().entries()) {
    const doubled = Number(digit) * (index % 2 === 0 ? 1 : 2);
    sum += doubled > 9 ? doubled - 9 : doubled;
  }
  return sum % 10 === 0;
}
