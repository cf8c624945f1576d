import { describe, expect, it } from 'vitest';
import type { Load } from '../../../src/config.ts';
import { runClosedLoad } from '../../../src/runner/load/closed-load.ts';
import { exampleLoad, exampleOptions, exampleRequest } from './example-load.ts';
import { listen, listenTcp, originOf } from './listening-server.ts';

describe('runClosedLoad', () => {
  it('drives all instances by autocannon, each request with a trace id of its own', async () => {
    const seen: string[] = [];
    await using one = await listen((request, response) => {
      seen.push(String(request.headers.traceparent));
      response.end('ok');
    });
    await using two = await listen((request, response) => {
      seen.push(String(request.headers.traceparent));
      response.end('ok');
    });
    const result = await runClosedLoad(exampleOptions(exampleLoad({ connections: 2 }), [one.url, two.url]));
    expect(result.driver).toBe('autocannon');
    expect(result.warnings).toEqual([]);
    expect(result.instances.map(({ instance }) => instance)).toEqual([0, 1]);
    expect(result.generatorCpu).toBeGreaterThan(0);
    expect(new Set(seen).size).toBe(seen.length);
    for (const header of seen)
      expect(header).toMatch(/^00-00005a170[123]0[01][0-9a-f]{20}-e5[0-9a-f]{14}-01$/);
  });

  it('says that the generator is saturated when its event loop is never idle', async () => {
    await using server = await listen((_request, response) => {
      const until = performance.now() + 2;
      // In the same process as the generator, so that the loop they share is busy all the time.
      while (performance.now() < until);
      response.end();
    });
    const result = await runClosedLoad(exampleOptions(exampleLoad({ connections: 4 }), [server.url]));
    expect(result.generatorSaturated).toBe(true);
    await using idle = await listen((_request, response) => void setTimeout(() => response.end(), 50));
    expect((await runClosedLoad(exampleOptions(exampleLoad({}), [idle.url]))).generatorSaturated).toBe(false);
  });

  it('does not begin when it is aborted already', async () => {
    const reason = new Error('interrupted');
    const options = exampleOptions(exampleLoad({}), ['http://127.0.0.1:9'], {
      signal: AbortSignal.abort(reason),
    });
    await expect(runClosedLoad(options)).rejects.toBe(reason);
  });
});

describe('a service that closes its connections', () => {
  it('is driven by the plain driver, which sees its real latency', async () => {
    const served: number[] = [];
    await using server = await listen((request, response) => {
      const from = performance.now();
      setTimeout(() => {
        if (originOf(request, 0x5a17)?.phase === 'measured') served.push((performance.now() - from) / 1000);
        response.setHeader('connection', 'close');
        response.end('ok');
      }, 15);
    });
    const result = await runClosedLoad(exampleOptions(exampleLoad({}), [server.url], { durationSeconds: 1 }));
    expect(result.driver).toBe('plain');
    expect(result.warnings).toEqual([
      { code: 'plain-driver', message: expect.stringContaining(`${server.url} closes its connections`) },
    ]);
    const { latencies, errors } = result.instances[0]?.operations[0] ?? {};
    expect(errors).toEqual({});
    expect(latencies?.length).toBeGreaterThan(10);
    const excess = [...(latencies ?? [])].map((latency, index) => latency - (served[index] ?? Number.NaN));
    expect(Math.min(...excess)).toBeGreaterThanOrEqual(0);
    expect(excess.sort((a, b) => a - b)[excess.length >> 1]).toBeLessThan(0.01);
  });

  it('is noticed by its HTTP/1.0, where the end of the connection is the end of the body', async () => {
    await using server = await listenTcp((socket) => {
      socket.on('error', () => {});
      socket.once('data', () => socket.end('HTTP/1.0 200 OK\r\nContent-Type: text/plain\r\n\r\nhello'));
    });
    const result = await runClosedLoad(exampleOptions(exampleLoad({}), [server.url]));
    expect(result.driver).toBe('plain');
    const operation = result.instances[0]?.operations[0];
    expect(operation?.errors).toEqual({});
    expect(operation?.latencies.length).toBeGreaterThan(10);
  });

  it('is left to autocannon where it closes one connection in fifty, and no request is lost', async () => {
    await using server = await listen((_request, response) => response.end());
    server.server.maxRequestsPerSocket = 50;
    const result = await runClosedLoad(exampleOptions(exampleLoad({}), [server.url]));
    expect(result.driver).toBe('autocannon');
    expect(result.warnings).toEqual([expect.objectContaining({ code: 'connections-closed' })]);
    expect(result.instances[0]?.operations[0]?.errors).toEqual({});
    expect(result.instances[0]?.operations[0]?.completed).toBeGreaterThan(100);
  });
});

describe('what autocannon does not understand', () => {
  it.each<[string, Partial<Load>]>([
    ['HEAD', { requests: [exampleRequest({ method: 'HEAD' })] }],
    ['interim answers', { requests: [exampleRequest({ path: '/hints' })] }],
  ])('is left to the plain driver: %s', async (_what, overrides) => {
    await using server = await listen((request, response) => {
      if (request.url === '/hints') response.writeEarlyHints({ link: '</style.css>; rel=preload' });
      response.end('some text');
    });
    const result = await runClosedLoad(exampleOptions(exampleLoad(overrides), [server.url]));
    expect(result.driver).toBe('plain');
    expect(result.instances[0]?.operations[0]?.errors).toEqual({});
    expect(result.instances[0]?.operations[0]?.completed).toBeGreaterThan(10);
  });
});

describe('the login', () => {
  const login = exampleRequest({
    name: 'log in',
    method: 'POST',
    path: '/login',
    body: '{"user":"u${int(1,999)}","password":"swordfish42"}',
    save: { token: '$.access.token' },
  });
  const load = (overrides: Partial<Load>) =>
    exampleLoad({
      login,
      requests: [exampleRequest({ headers: { authorization: 'Bearer ${token}' } })],
      connections: 2,
      ...overrides,
    });

  it('is sent once a connection; its token and cookies go with every request of that connection', async () => {
    const users: string[][] = [[], []];
    const wrong: string[] = [];
    const server = (position: number) =>
      listen((request, response) => {
        if (request.url === '/login') {
          request.setEncoding('utf8');
          request.on('data', (body: string) => {
            const { user } = JSON.parse(body) as { user: string };
            users[position]?.push(user);
            response.setHeader('set-cookie', [`sid=${position}-${user}; Path=/; HttpOnly`, 'theme=dark']);
            response.end(JSON.stringify({ access: { token: `${position}-${user}` } }));
          });
          return;
        }
        const { authorization, cookie } = request.headers;
        const token = String(authorization).slice('Bearer '.length);
        const known = users[position]?.some((user) => token === `${position}-${user}`);
        if (!known || cookie !== `sid=${token}; theme=dark`) wrong.push(`${authorization} ${cookie}`);
        response.setHeader('set-cookie', 'stranger=1');
        response.end();
      });
    await using one = await server(0);
    await using two = await server(1);
    const result = await runClosedLoad(exampleOptions(load({}), [one.url, two.url]));
    expect(wrong).toEqual([]);
    expect(users[0]).toHaveLength(2);
    expect(new Set(users[0]).size).toBe(2);
    expect(users[1]).toEqual(users[0]);
    expect(JSON.stringify(result)).not.toContain(users[0]?.[0]);
  });

  it('goes on with the session when an answer renews its cookie', async () => {
    let renewed = 0;
    const late: string[] = [];
    await using server = await listen((request, response) => {
      if (request.url !== '/login' && request.headers.cookie !== `sid=${renewed}`)
        late.push(String(request.headers.cookie));
      renewed += 1;
      response.setHeader('set-cookie', `sid=${renewed}`);
      response.end('{"access":{"token":"t"}}');
    });
    // HEAD for the plain driver.
    for (const method of ['GET', 'HEAD'] as const) {
      late.length = 0;
      const requests = [exampleRequest({ method })];
      await runClosedLoad(exampleOptions(load({ requests, connections: 1 }), [server.url]));
      expect(late).toEqual([]);
    }
  });

  it('fails with status and start of the answer, without the password', async () => {
    await using server = await listen((request, response) => {
      response.statusCode = 401;
      request.pipe(response);
    });
    const attempt = runClosedLoad(exampleOptions(load({}), [server.url]));
    await expect(attempt).rejects.toMatchObject({
      code: 'login-failed',
      exitCode: 3,
      message: expect.stringMatching(
        /^The login `log in` at .* failed: status 401, \{"user":"u\d+","password":"\[redacted\]"\}$/,
      ),
    });
  });

  it('fails when the answer lacks what is to be saved, and shows no value of it', async () => {
    await using server = await listen((_request, response) => response.end('{"jwt":"s3cr3t-value","id":1}'));
    const attempt = runClosedLoad(exampleOptions(load({}), [server.url]));
    await expect(attempt).rejects.toMatchObject({
      code: 'login-field-missing',
      message: 'The answer to the login `log in` has no `$.access.token`; it has jwt, id.',
    });
  });

  it('fails when nothing listens', async () => {
    const server = await listen((_request, response) => response.end());
    await server[Symbol.asyncDispose]();
    await expect(runClosedLoad(exampleOptions(load({}), [server.url]))).rejects.toMatchObject({
      code: 'login-failed',
      message: expect.stringContaining('connection refused'),
    });
  });

  it('fails when it is not answered in time', async () => {
    await using server = await listen(() => {});
    const options = exampleOptions(load({ timeoutSeconds: 0.1 }), [server.url]);
    await expect(runClosedLoad(options)).rejects.toMatchObject({
      code: 'login-failed',
      message: expect.stringContaining('timeout'),
    });
  });
});
