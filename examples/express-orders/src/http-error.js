/** An answer other than success that is the client's doing, with the status to give it. */
export class HttpError extends Error {
  constructor(status, message) {
    super(message);
    this.status = status;
  }
}
