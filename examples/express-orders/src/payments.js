/** The payment provider: a service of somebody else, by HTTP. */
import { HttpError } from './http-error.js';

/** @param {string | null} url origin of the provider; null where all orders are paid on account */
export function createPayments(url) {
  return {
    /** Reserves the amount, or throws with what the client is to be told. */
    async authorise({ customerId, key, totalCents }) {
      if (url === null) return;
      const response = await fetch(`${url}/authorisations`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ customerId, reference: key, amountCents: totalCents }),
      });
      // Also where it is refused: an unread body keeps its connection from being used again.
      await response.arrayBuffer();
      if (!response.ok) throw new HttpError(402, `the payment of order ${key} was refused`);
    },
  };
}
