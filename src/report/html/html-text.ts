/** Makes text harmless in HTML and SVG, and writes elements. Nothing from outside gets into a page but through here. */
import { LONGEST_COPY, type Phrase, plainText } from '../phrase.ts';
import { visibleText } from '../safe-text.ts';

/** A piece of HTML: text that was escaped, or written by us. Made by the functions of this file alone. */
export interface Html {
  readonly html: string;
}

type Child = Html | string | null | readonly Child[];

export type Attributes = Readonly<Record<string, string | number | boolean | null>>;

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

export function escaped(text: string): string {
  return visibleText(text).replace(/[&<>"']/g, (character) => ESCAPES[character] ?? '');
}

/** Elements that have no end tag. */
const VOID: ReadonlySet<string> = new Set(['meta', 'br', 'hr']);

/** Attributes that are null or false are left out. A string is text; only `Html` is markup. */
export function element(tag: string, attributes: Attributes = {}, ...children: readonly Child[]): Html {
  const texts = Object.entries(attributes).map(([key, value]) => {
    if (value === null || value === false) return '';
    return value === true ? ` ${key}` : ` ${key}="${escaped(String(value))}"`;
  });
  const open = `<${tag}${texts.join('')}>`;
  return { html: VOID.has(tag) ? open : `${open}${children.map(markup).join('')}</${tag}>` };
}

export function joined(...children: readonly Child[]): Html {
  return { html: children.map(markup).join('') };
}

/** Each text in a line of its own, for `pre`. */
export function textLines(texts: readonly string[]): Html {
  return { html: texts.map(escaped).join('\n') };
}

/** Our own style sheet, which is no text. */
export function styleElement(css: string): Html {
  return { html: `<style>${css}</style>` };
}

function markup(child: Child): string {
  if (child === null) return '';
  if (typeof child === 'string') return escaped(child);
  return isList(child) ? child.map(markup).join('') : child.html;
}

function isList(child: Child): child is readonly Child[] {
  return Array.isArray(child);
}

/** Longer names are of no use to a reader; the whole one is in the JSON. */
const MAX_NAME = 200;

/** Names stand out from our own words. */
export function phraseHtml(text: Phrase): Html {
  return joined(
    text.map((part) => {
      if (typeof part === 'string') return part;
      const shown = cut(part.name, part.whole ? LONGEST_COPY : MAX_NAME);
      return element('code', {}, shown.trim() === '' ? '(no name)' : shown);
    }),
  );
}

export function phraseText(text: Phrase): string {
  return plainText(text);
}

/** Cut in the middle: names differ at both ends. */
export function cut(text: string, length: number): string {
  const characters = [...text.slice(0, length * 40)];
  if (characters.length <= length) return text;
  const head = Math.floor((length - 1) / 2);
  return `${characters.slice(0, head).join('')}…${[...text.slice(-length * 4)].slice(head + 1 - length).join('')}`;
}
