/** Name and version of this program, as its package says. */
import { readFileSync } from 'node:fs';

const manifest = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
  readonly version: string;
};

export const VERSION: string = manifest.version;

/** As it stands in every file that spangate writes. */
export const TOOL = `spangate ${VERSION}`;
