/** The text without `ESC [ … m`, as terminals read colours. */
export function withoutColours(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is removed
  return text.includes('\u001b') ? text.replace(/\u001b\[[0-9;]{0,30}m/g, '') : text;
}
