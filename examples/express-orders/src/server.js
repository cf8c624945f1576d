/** Starts the order service on PORT, and stops it on SIGTERM once the requests under way are answered. */
import { once } from 'node:events';
import { createService } from './service.js';
import { readSettings } from './settings.js';

/** A client that keeps its connection busy for longer than this is cut off. */
const STOP_WITHIN_MS = 5000;

const settings = readSettings(process.env);
const service = await createService(settings);
const server = service.app.listen(settings.port, '127.0.0.1', (error) => {
  if (error) throw error;
  console.log(`orders listens on 127.0.0.1:${server.address().port}`);
});

for (const signal of ['SIGTERM', 'SIGINT']) {
  process.once(signal, async () => {
    server.close();
    setInterval(() => server.closeIdleConnections(), 50).unref();
    setTimeout(() => server.closeAllConnections(), STOP_WITHIN_MS).unref();
    await once(server, 'close');
    await service.close();
  });
}
