/** How a value is written into a path, a header or a body, so that data cannot break the request around it. */

/** Where a template stands. */
export type TemplatePlace = 'path' | 'header' | 'json' | 'form' | 'text';

export interface Encode {
  /** What the author of the configuration wrote around the variables. */
  readonly text: (text: string) => string;
  /** One of the values of `choice`, also written by the author. */
  readonly chosen: (value: string) => string;
  /** Data: a cell of a CSV file, or a value kept from an answer. */
  readonly value: (value: string) => string;
}

const asIs = (text: string): string => text;
/** A line break would begin another header. */
const oneLine = (text: string): string => text.replace(/[\r\n]+/g, ' ');
const inJson = (text: string): string => JSON.stringify(text).slice(1, -1);

const ENCODINGS: Readonly<Record<TemplatePlace, Encode>> = {
  path: { text: escapeTarget, chosen: escapeTarget, value: encodeURIComponent },
  header: { text: oneLine, chosen: oneLine, value: oneLine },
  json: { text: asIs, chosen: inJson, value: inJson },
  form: { text: asIs, chosen: encodeURIComponent, value: encodeURIComponent },
  text: { text: asIs, chosen: asIs, value: asIs },
};

/** @param alone the variable is the whole path: then it is a link, which is not encoded once more */
export function encoderOf(place: TemplatePlace, alone: boolean): Encode {
  if (place === 'path' && alone) return { ...ENCODINGS.path, value: pathOfLink };
  return ENCODINGS[place];
}

/** Percent-encodes what must not stand in a request line; what is encoded already stays. */
export function escapeTarget(path: string): string {
  return path.replace(/[^\x21-\x7e]+/g, encodeURIComponent);
}

function pathOfLink(link: string): string {
  const path = escapeTarget(link.replace(/^https?:\/\/[^/?#]*/i, ''));
  return path.startsWith('/') ? path : `/${path}`;
}
