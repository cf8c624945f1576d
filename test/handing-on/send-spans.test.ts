import { describe, expect, it } from 'vitest';
import { otlpTarget } from '../../src/handing-on/otlp-target.ts';
import { type Sent, sendSpans } from '../../src/handing-on/send-spans.ts';
import { startHttpReceiver } from '../../src/telemetry/otlp/http-receiver.ts';
import { OtlpInbox } from '../../src/telemetry/otlp/inbox.ts';
import { closedUrl, scriptedReceiver } from './scripted-receiver.ts';

const SPAN = {
  traceId: '5'.repeat(32),
  spanId: '6'.repeat(16),
  name: 'GET /orders/:id',
  kind: 2,
  startTimeUnixNano: '1772703010000000000',
  endTimeUnixNano: '1772703010004000000',
};
const BODY = {
  spans: 1,
  text: JSON.stringify({ resourceSpans: [{ scopeSpans: [{ spans: [SPAN] }] }] }),
};

/** How long the sender paused before each repetition. */
let pauses: number[] = [];

async function send(
  url: string,
  parts: { bodies?: number; limit?: number; key?: string } = {},
): Promise<Sent> {
  pauses = [];
  const headers = parts.key === undefined ? [] : [['x-api-key', parts.key] as const];
  return await sendSpans(Array(parts.bodies ?? 1).fill(BODY), otlpTarget({ url, headers }, {}), {
    timeLimitSeconds: parts.limit ?? 30,
    signal: new AbortController().signal,
    wait: async (seconds) => {
      pauses.push(seconds);
    },
  });
}

describe('spans that are handed on', () => {
  it('arrive at a receiver of OTLP/HTTP', async () => {
    const inbox = new OtlpInbox();
    await using receiver = await startHttpReceiver({ inbox });
    expect(await send(receiver.url)).toEqual({ spans: 1, warning: null });
    expect(inbox.spans().count).toBe(1);
    expect(inbox.quality.refused).toBe(0);
  });

  it('are sent as JSON, gzipped, with the headers that were asked for', async () => {
    await using receiver = await scriptedReceiver({ status: 200, body: '{}' });
    await send(receiver.url, { key: 'k-123' });
    expect(receiver.requests).toMatchObject([
      {
        method: 'POST',
        path: '/v1/traces',
        headers: { 'content-type': 'application/json', 'content-encoding': 'gzip', 'x-api-key': 'k-123' },
        text: BODY.text,
      },
    ]);
  });

  it('are not sent again where the receiver refuses them', async () => {
    await using receiver = await scriptedReceiver({ status: 400, body: '{"message":"no such field"}' });
    const { spans, warning } = await send(receiver.url, { bodies: 3 });
    expect(spans).toBe(0);
    expect(warning).toEqual({
      code: 'otlp-export-failed',
      message: `${receiver.url}/v1/traces answered 400 ({"message":"no such field"}), so no span was handed on; the verdict does not depend on it. Its own log should say why.`,
    });
    expect(receiver.requests).toHaveLength(1);
  });

  it('wait as long as a receiver that is busy says', async () => {
    await using receiver = await scriptedReceiver(
      { status: 429, headers: { 'retry-after': '7' } },
      { status: 200 },
    );
    expect(await send(receiver.url)).toEqual({ spans: 1, warning: null });
    expect(pauses).toEqual([7]);
  });

  it('are given up after three tries at a receiver that is not ready', async () => {
    await using receiver = await scriptedReceiver({ status: 503 });
    const { warning } = await send(receiver.url);
    expect(receiver.requests).toHaveLength(3);
    expect(pauses).toEqual([0.5, 1]);
    expect(warning?.message).toContain('/v1/traces answered 503, so no span was handed on');
  });

  it('are given up when the time limit is over, though the receiver has never answered', async () => {
    await using receiver = await scriptedReceiver({});
    const { warning } = await send(receiver.url, { limit: 0.2 });
    expect(warning?.message).toBe(
      `${receiver.url}/v1/traces did not answer in time (0.2 s), so no span was handed on; the verdict does not depend on it. Raise OTEL_EXPORTER_OTLP_TIMEOUT (milliseconds) if it is slow.`,
    );
  });

  it('say where nobody listens', async () => {
    const url = await closedUrl();
    const { warning } = await send(url);
    expect(warning?.message).toBe(
      `${url}/v1/traces cannot be reached (ECONNREFUSED), so no span was handed on; the verdict does not depend on it. Is the receiver running, and can this machine reach it?`,
    );
  });

  it('do not follow a redirect with the keys of another host', async () => {
    await using other = await scriptedReceiver({ status: 200 });
    await using receiver = await scriptedReceiver({ status: 302, headers: { location: other.url } });
    const { warning } = await send(receiver.url, { key: 'k-123' });
    expect(warning?.message).toContain('Redirects are not followed');
    expect(other.requests).toEqual([]);
  });

  it('are counted where the receiver leaves some of them out', async () => {
    const body = '{"partialSuccess":{"rejectedSpans":"1","errorMessage":"too old"}}';
    await using receiver = await scriptedReceiver({ status: 200, body }, { status: 200 });
    const { spans, warning } = await send(receiver.url, { bodies: 2 });
    expect(spans).toBe(1);
    expect(warning).toEqual({
      code: 'otlp-export-partial',
      message: `${receiver.url}/v1/traces took 1 spans and left out 1 (too old); its limits or its own log should say why.`,
    });
  });

  it('leave out of the warning what is secret, also where the receiver repeats it', async () => {
    await using receiver = await scriptedReceiver({ status: 401, body: 'no such key: k-98765' });
    const { port } = new URL(receiver.url);
    const url = `http://me:pa55word@127.0.0.1:${port}/otlp?token=t0ken-1`;
    const { warning } = await send(url, { key: 'k-98765' });
    expect(receiver.requests).toMatchObject([
      {
        path: '/otlp/v1/traces?token=t0ken-1',
        headers: { authorization: `Basic ${Buffer.from('me:pa55word').toString('base64')}` },
      },
    ]);
    expect(warning?.message).toBe(
      `http://127.0.0.1:${port}/otlp/v1/traces answered 401 (no such key: [redacted]), so no span was handed on; the verdict does not depend on it. Give its key by --export-header or OTEL_EXPORTER_OTLP_HEADERS.`,
    );
  });
});
