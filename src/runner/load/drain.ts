/** Answers in flight at the end may still come in this time, so that the service is left in peace. */
const DRAIN_SECONDS = 2;

/** Resolves when `done` does, at the latest after the time for draining. */
export async function drain(done: Promise<unknown>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, DRAIN_SECONDS * 1000);
  });
  try {
    await Promise.race([done, late]);
  } finally {
    clearTimeout(timer);
  }
}
