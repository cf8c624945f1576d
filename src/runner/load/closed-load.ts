/**
 * Closed model: every connection sends its next request when it has the answer to the one before. All instances are
 * driven by one run of autocannon, so that none of them starts or stops at another time.
 */
import { driveAutocannon } from './autocannon-driver.ts';
import { Connection } from './connection.ts';
import { reasonAgainstAutocannon } from './driver-choice.ts';
import { LoadControl } from './load-control.ts';
import { plainDriver } from './load-errors.ts';
import type { LoadOptions, LoadResult } from './load-result.ts';
import { logIn } from './login.ts';
import { drivePlain } from './plain-driver.ts';

/**
 * Logs every connection in, warms the instances up, then measures them for `durationSeconds`, the last two in one
 * continuous load.
 *
 * @throws UserError (exit 3): `login-failed`, `login-field-missing`, `service-died`, `no-answers`; the signal's
 *   reason when it is aborted
 */
export async function runClosedLoad(options: LoadOptions): Promise<LoadResult> {
  const { load, targets, signal } = options;
  signal.throwIfAborted();
  // The first connection of every instance, then the second of every instance, as autocannon deals its URLs out.
  const connections = Array.from({ length: load.connections }, () =>
    targets.map((_, position) => new Connection(position)),
  ).flat();
  const logins = await logIn(options, connections);
  const reason = await reasonAgainstAutocannon(options, connections, logins);
  const control = new LoadControl(options, connections, logins + targets.length);
  if (reason === null) {
    await driveAutocannon(control);
    return control.result('autocannon');
  }
  control.warn(plainDriver(reason));
  await drivePlain(control);
  return control.result('plain');
}
