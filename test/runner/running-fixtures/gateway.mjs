// Asks another service, wherever that is.
import { createServer } from 'node:http';

createServer(async (_request, response) => {
  const answer = await fetch(`${process.env.INVENTORY}/stock`);
  response.end(await answer.text());
}).listen(process.env.PORT, '127.0.0.1');
