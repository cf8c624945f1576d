/** Writes XML 1.0: what it cannot hold is dropped, the rest is escaped. */

/** Everything outside XML's Char, https://www.w3.org/TR/xml/#charsets. Halves of surrogate pairs are no characters. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are the characters to drop
const ILLEGAL = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]|\p{Cs}/gu;

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  // A parser would read these as spaces.
  '\n': '&#10;',
  '\r': '&#13;',
  '\t': '&#9;',
};

/** Text of an attribute, without the quotes. */
export function attribute(text: string): string {
  const escaped = text.replace(ILLEGAL, '').replace(/[&<>"\n\r\t]/g, (character) => ESCAPES[character] ?? '');
  // In a log, `##[` is a command to some CI runners.
  return escaped.replaceAll('##', '#&#35;');
}

/** `children` are XML already and stand on lines of their own. */
export function element(
  tag: string,
  attributes: Readonly<Record<string, string>>,
  children: readonly string[],
): string {
  const text = Object.entries(attributes).map(([name, value]) => ` ${name}="${attribute(value)}"`);
  if (children.length === 0) return `<${tag}${text.join('')}/>`;
  const inner = children.flatMap((child) => child.split('\n')).map((line) => `  ${line}`);
  return `<${tag}${text.join('')}>\n${inner.join('\n')}\n</${tag}>`;
}
