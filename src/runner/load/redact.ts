/** The start of an answer for a message, without the secrets that a service may echo. */

const LONGEST = 200;

/** @param header in any case */
export function isCredential(header: string): boolean {
  return /^(proxy-)?authorization$|^cookie$|token|secret|api-?key/i.test(header);
}

/**
 * @param secrets values of the connection, such as tokens
 * @returns at most 200 characters, on one line
 */
export function excerpt(body: string, secrets: readonly string[]): string {
  // Redacted before it is cut, over so much text that no cut secret can be left in what is shown.
  let text = body.slice(0, 20 * LONGEST);
  // Shorter ones are ids and flags; replacing these would make the message unreadable.
  for (const secret of secrets) if (secret.length >= 6) text = text.replaceAll(secret, '[redacted]');
  text = text
    .replace(/\b(bearer|basic)\s+[\w.~+/=-]+/gi, '$1 [redacted]')
    .replace(/\beyJ[\w-]+\.[\w-]+(\.[\w-]*)?/g, '[redacted]')
    .replace(
      /("[\w-]*(?:token|secret|password|api[_-]?key|session)[\w-]*"\s*:\s*)"[^"]*"?/gi,
      '$1"[redacted]"',
    )
    .replace(/\s+/g, ' ')
    .trim();
  return text.length > LONGEST ? `${text.slice(0, LONGEST - 1)}…` : text;
}
