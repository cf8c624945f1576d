/** The example service, started for one test. */
import { type NodeProcess, startNode } from './node-process.ts';

export interface Answer {
  readonly status: number;
  readonly location: string | null;
  readonly body: unknown;
}

export interface OrderService extends AsyncDisposable {
  readonly process: NodeProcess;
  get(path: string): Promise<Answer>;
  post(path: string, body: unknown): Promise<Answer>;
}

/**
 * @param databaseUrl see `OrderDatabase.copy`
 * @param settings environment variables such as `REGRESSION`; the timer job is off unless asked for
 */
export async function startOrderService(
  databaseUrl: string,
  settings: Readonly<Record<string, string>> = {},
  nodeArguments: readonly string[] = [],
): Promise<OrderService> {
  const process = startNode([...nodeArguments, 'src/server.js'], {
    PORT: '0',
    DATABASE_URL: databaseUrl,
    STOCK_REFRESH_SECONDS: '3600',
    ...settings,
  });
  const [, port] = await process.printed(/listens on 127\.0\.0\.1:(\d+)/);
  const ask = async (path: string, init: RequestInit): Promise<Answer> => {
    const response = await fetch(`http://127.0.0.1:${port}${path}`, init);
    return {
      status: response.status,
      location: response.headers.get('location'),
      body: await response.json(),
    };
  };
  return {
    process,
    get: (path) => ask(path, {}),
    post: (path, body) =>
      ask(path, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      }),
    async [Symbol.asyncDispose]() {
      await process.stop();
    },
  };
}
