/** Environments of equal size: how large one is moves the stack of a process, and with that its speed. */

export type Environment = Readonly<Record<string, string>>;

/** Has no meaning to anybody. */
const PADDING = 'SPANGATE_PADDING';

/** `=`, the byte that ends it, and its pointer in `environ`. */
const BYTES_A_VARIABLE = 2 + 8;

/**
 * Bytes on the stack of a process. Source: Mytkowicz, Diwan, Hauswirth and Sweeney, Producing Wrong Data Without Doing
 * Anything Obviously Wrong!, ASPLOS 2009, https://doi.org/10.1145/1508244.1508275.
 */
export function environmentSize(environment: Environment): number {
  return Object.entries(environment).reduce(
    (sum, [name, value]) => sum + Buffer.byteLength(name) + Buffer.byteLength(value) + BYTES_A_VARIABLE,
    0,
  );
}

/**
 * The environment and one variable more, so that all of those with the same `size` are equally large.
 *
 * @param size of the largest of them, before this
 */
export function paddedEnvironment(environment: Environment, size: number): Environment {
  return { ...environment, [PADDING]: '-'.repeat(Math.max(0, size - environmentSize(environment))) };
}
