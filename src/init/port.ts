/** How a service comes to its port, by a light look at its sources. Pure. */
import type { Project } from './project.ts';

/** A place in the sources, such as `src/server.js:12`. */
export type SourcePlace = string;

export type PortFinding =
  | { readonly kind: 'reads-port'; readonly place: SourcePlace; readonly otherwise: number | null }
  | { readonly kind: 'hard-coded'; readonly place: SourcePlace; readonly port: number }
  | { readonly kind: 'unknown' };

const READS_PORT =
  /\benv\s*(?:\.\s*PORT\b|\[\s*['"`]PORT['"`]\s*\])|\{[^{}]*\bPORT\b[^{}]*\}\s*=\s*process\.env|['"`]PORT['"`]|\bPORT\s*:\s*(?:num|str|port|z\.|Joi|envalid)/;
const LISTENS_ON = /\.listen\(\s*(?:\{[^{}]*?\bport:\s*)?(\d{2,5})\b|\bport\s*[:=]\s*(\d{2,5})\b/i;

export function findPort({ sources }: Project): PortFinding {
  for (const [file, text] of sources) {
    const match = READS_PORT.exec(text);
    if (!match || !/\.[cm]?[jt]sx?$/.test(file)) continue;
    const line = text.slice(match.index).split('\n', 1)[0] ?? '';
    const otherwise = /(?:\?\?|\|\||=|,|default[:(])\s*['"]?(\d{2,5})\b/.exec(line)?.[1];
    return {
      kind: 'reads-port',
      place: placeOf(file, text, match.index),
      otherwise: otherwise === undefined ? null : Number(otherwise),
    };
  }
  for (const [file, text] of sources) {
    const match = /\.[cm]?[jt]sx?$/.test(file) ? LISTENS_ON.exec(text) : null;
    const port = match?.[1] ?? match?.[2];
    if (match && port !== undefined && /\blisten\(|\bserver\(/.test(text)) {
      return { kind: 'hard-coded', place: placeOf(file, text, match.index), port: Number(port) };
    }
  }
  return { kind: 'unknown' };
}

/** Line of a match, 1-based. */
export function placeOf(file: string, text: string, index: number): SourcePlace {
  return `${file}:${text.slice(0, index).split('\n').length}`;
}
