/**
 * Closed model: every connection sends its next request when it has the answer to the one before. Driven by one run
 * of autocannon on all instances at once, so that none of them starts or stops at another time.
 */
import { driveAutocannon } from './autocannon-driver.ts';
import { Connection } from './connection.ts';
import { LoadControl } from './load-control.ts';
import type { LoadOptions, LoadResult } from './load-result.ts';

/**
 * Warms the instances up, then measures them for `durationSeconds`, in one continuous load.
 *
 * @throws UserError (exit 3) when a login fails, when an instance dies or stops answering; the signal's reason when
 *   it is aborted
 */
export async function runClosedLoad(options: LoadOptions): Promise<LoadResult> {
  const { load, targets } = options;
  const connections = Array.from({ length: load.connections }, () =>
    targets.map((_, position) => new Connection(position)),
  ).flat();
  const control = new LoadControl(options, connections);
  await driveAutocannon(control);
  return control.result('autocannon', []);
}
