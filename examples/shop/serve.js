/** Serves an Express application on PORT until SIGTERM; the same for the gateway and the inventory. */

/** Longer than any client here keeps a connection that it does not use, so that none is closed under a request. */
const KEEP_ALIVE_MS = 65_000;

/**
 * @param {string} name
 * @param {import('express').Express} app
 * @param {() => Promise<void>} [close] what is left to do once nobody is served any more
 */
export function serve(name, app, close) {
  const server = app.listen(Number(process.env.PORT ?? 3000), '127.0.0.1', (error) => {
    if (error) throw error;
    console.log(`${name} listens on 127.0.0.1:${server.address().port}`);
  });
  server.keepAliveTimeout = KEEP_ALIVE_MS;
  for (const signal of ['SIGTERM', 'SIGINT']) {
    process.once(signal, () => {
      server.close(() => close?.());
      server.closeIdleConnections();
      // Who is still being answered gets a second.
      setTimeout(() => server.closeAllConnections(), 1000).unref();
    });
  }
}
