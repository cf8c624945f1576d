/**
 * A stand-in for a payment provider on PORT of 127.0.0.1: authorises every amount, and takes its time, as somebody on
 * the other side of a network does. It waits and does not compute, so that it takes no core from whoever measures.
 */
import { createServer } from 'node:http';

/** A fast provider, or a near one. */
const TAKES_MS = 10;

const server = createServer((request, response) => {
  request.resume().on('end', () => {
    setTimeout(() => {
      response.writeHead(201, { 'content-type': 'application/json' });
      response.end('{"status":"authorised"}');
    }, TAKES_MS);
  });
});
// Longer than any client keeps an idle connection, so that none is closed while it is used.
server.keepAliveTimeout = 60_000;
server.listen(Number(process.env.PORT), '127.0.0.1', () => {
  console.log(`payments listens on 127.0.0.1:${server.address().port}`);
});

for (const signal of ['SIGTERM', 'SIGINT']) process.once(signal, () => process.exit(0));
