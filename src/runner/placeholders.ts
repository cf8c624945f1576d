/** Placeholders of start commands and `env:` values, such as `${port}` and `${services.inventory.url}`. */
import { EXIT, UserError } from '../errors.ts';

/** Names as they stand between `${` and `}`. */
export type Placeholders = Readonly<Record<string, string>>;

/**
 * Fills in what is known. What is not is left to the shell (`${HOME}`), but for names with a dot, which no shell
 * knows.
 *
 * @param where names the text in messages, e.g. `services.api.start`
 * @throws UserError `unknown-placeholder`
 */
export function fillPlaceholders(text: string, values: Placeholders, where: string): string {
  return text.replace(/\$\{([a-zA-Z][\w.-]*)\}/g, (whole, name: string) => {
    const value = Object.hasOwn(values, name) ? values[name] : undefined;
    if (value !== undefined) return value;
    if (!/^(services|dependencies)\./.test(name)) return whole;
    throw new UserError({
      code: 'unknown-placeholder',
      what: `\${${name}} stands for nothing.`,
      where,
      hint: `Known here: ${Object.keys(values)
        .sort()
        .map((known) => `\${${known}}`)
        .join(', ')}.`,
      exitCode: EXIT.usage,
    });
  });
}

export function fillAll(
  texts: Readonly<Record<string, string>>,
  values: Placeholders,
  where: string,
): Record<string, string> {
  return Object.fromEntries(
    Object.entries(texts).map(([name, text]) => [name, fillPlaceholders(text, values, `${where}.${name}`)]),
  );
}

/** `${services.NAME.url}` and `.port`: services of one instance call one another, in either direction. */
export function servicePlaceholders(ports: ReadonlyMap<string, number>): Placeholders {
  return Object.fromEntries(
    [...ports].flatMap(([name, port]) => [
      [`services.${name}.url`, `http://127.0.0.1:${port}`],
      [`services.${name}.port`, String(port)],
    ]),
  );
}
