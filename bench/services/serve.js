/** A plain HTTP server on PORT for the services that bench/ gates. */
import { createServer } from 'node:http';

/** @param {Record<string, (url: URL) => unknown>} routes by the first part of the path */
export function serve(routes) {
  const server = createServer(async (request, response) => {
    const url = new URL(request.url ?? '/', 'http://service');
    const route = routes[url.pathname.split('/')[1] ?? ''];
    try {
      const body = JSON.stringify(route ? await route(url) : { error: 'no such route' });
      response.writeHead(route ? 200 : 404, { 'content-type': 'application/json' }).end(body);
    } catch (error) {
      response.writeHead(500, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ error: String(error) }));
    }
  });
  server.listen(Number(process.env.PORT ?? 0), '127.0.0.1');
  process.once('SIGTERM', () => {
    server.close(() => process.exit(0));
    server.closeAllConnections();
  });
}
