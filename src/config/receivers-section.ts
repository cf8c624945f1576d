/** The section `receivers`, complete with defaults. */
import type { Scenario } from '../config.ts';
import type { Report } from './findings.ts';
import type { ScenarioSection } from './grammar/config-file.ts';
import { parseDuration } from './units.ts';

const DEFAULT_HOST = '127.0.0.1';
/** SDKs export every 5 s (OTEL_BSP_SCHEDULE_DELAY); one more second for the way. */
const DEFAULT_SETTLE = '6s';

export function normaliseReceivers(
  { receivers }: ScenarioSection,
  report: Report,
): Pick<Scenario, 'receivers'> {
  if (receivers === undefined) return {};
  const { 'http-port': httpPort = null, 'grpc-port': grpcPort = null } = receivers;
  if (httpPort === null && grpcPort === null)
    report.mistake(['receivers'], 'there is no port; give `http-port`, `grpc-port`, or both', 'key');
  if (httpPort !== null && httpPort === grpcPort)
    report.mistake(['receivers', 'grpc-port'], 'is the `http-port` as well; each needs one of its own');
  return {
    receivers: {
      host: receivers.host ?? DEFAULT_HOST,
      httpPort,
      grpcPort,
      settleSeconds: parseDuration(receivers.settle ?? DEFAULT_SETTLE),
    },
  };
}
