// Waiting for something to become true, with a deadline; never a fixed sleep.

/** Tries until the function returns without throwing; throws its last error after the deadline. */
export async function eventually<T>(attempt: () => Promise<T> | T, limitMs = 15_000): Promise<T> {
  const deadline = Date.now() + limitMs;
  for (;;) {
    try {
      return await attempt();
    } catch (error) {
      if (Date.now() > deadline) throw error;
      await new Promise((resolve) => setTimeout(resolve, 25));
    }
  }
}
