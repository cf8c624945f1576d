/** A real HTTP server that answers as a case says, one answer a request; the last one stays. */
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gunzipSync } from 'node:zlib';

export interface Answer {
  /** Left out: it never answers. */
  readonly status?: number;
  readonly body?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface ReceivedRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  readonly text: string;
}

export interface ScriptedReceiver extends AsyncDisposable {
  readonly url: string;
  readonly requests: readonly ReceivedRequest[];
}

export async function scriptedReceiver(...answers: readonly Answer[]): Promise<ScriptedReceiver> {
  const requests: ReceivedRequest[] = [];
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
    const { method = '', url: path = '', headers } = request;
    const bytes = Buffer.concat(chunks);
    const answer = answers[Math.min(requests.length, answers.length - 1)] ?? {};
    requests.push({
      ...{ method, path, headers },
      text: (headers['content-encoding'] === 'gzip' ? gunzipSync(bytes) : bytes).toString(),
    });
    if (answer.status === undefined) return;
    response.writeHead(answer.status, answer.headers).end(answer.body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    async [Symbol.asyncDispose]() {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  };
}

/** A port that was free a moment ago: nobody listens there. */
export async function closedUrl(): Promise<string> {
  const { url, ...server } = await scriptedReceiver();
  await server[Symbol.asyncDispose]();
  return url;
}
