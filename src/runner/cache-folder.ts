/** Where spangate keeps what it can make again, between runs. */
import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';

/** `$XDG_CACHE_HOME/spangate/<name>`, by default below `~/.cache`. */
export function cacheFolder(
  name: string,
  env: Readonly<Record<string, string | undefined>>,
  home: string = homedir(),
): string {
  const given = env.XDG_CACHE_HOME;
  // A relative path is to be ignored: https://specifications.freedesktop.org/basedir-spec/latest/
  const cache = given !== undefined && isAbsolute(given) ? given : join(home, '.cache');
  return join(cache, 'spangate', name);
}
