/** Lets git talk to the server by the token of the action, without a word of it in a command line or a file. */

type Variables = Readonly<Record<string, string | undefined>>;

/**
 * Variables for git alone. What the checkout step has left in the clone is taken away first: the server refuses a
 * request with two authorizations.
 */
export function gitCredentials(options: {
  readonly server: string;
  readonly token: string;
  readonly env: Variables;
}): Readonly<Record<string, string>> {
  const { server, token, env } = options;
  if (token === '') return {};
  const header = `http.${server}/.extraheader`;
  const basic = Buffer.from(`x-access-token:${token}`).toString('base64');
  const first = Number(env.GIT_CONFIG_COUNT ?? 0) || 0;
  return {
    [`GIT_CONFIG_KEY_${first}`]: header,
    [`GIT_CONFIG_VALUE_${first}`]: '',
    [`GIT_CONFIG_KEY_${first + 1}`]: header,
    [`GIT_CONFIG_VALUE_${first + 1}`]: `AUTHORIZATION: basic ${basic}`,
    GIT_CONFIG_COUNT: String(first + 2),
  };
}
