/** How large a request with telemetry may be, over HTTP and gRPC alike. */

/** Unpacked; the specification of OTLP 1.11 recommends 64 MiB. */
export const MOST_REQUEST_BYTES = 64 * 1024 * 1024;

/** For the sender, and for the report: what a larger one held is known to nobody. */
export function tooLargeText(mostBytes: number): string {
  return `a request may have ${mostBytes} bytes at most, unpacked`;
}
