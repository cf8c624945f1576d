/** What OTEL_RESOURCE_ATTRIBUTES says, `cloud.region=eu,tenant=a%2Cb`. */

/** Pairs that cannot be read are left out; SDKs differ in what they do with them. */
export function resourceAttributes(text: string | undefined): Readonly<Record<string, string>> {
  const attributes: Record<string, string> = {};
  for (const pair of (text ?? '').split(',')) {
    const at = pair.indexOf('=');
    const key = pair.slice(0, Math.max(0, at)).trim();
    if (key === '') continue;
    const value = pair.slice(at + 1).trim();
    try {
      attributes[key] = decodeURIComponent(value);
    } catch {
      attributes[key] = value;
    }
  }
  return attributes;
}
