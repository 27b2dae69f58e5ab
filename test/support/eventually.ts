/** Waiting for a condition instead of for a time. */
const POLL_MS = 5;

/**
 * Resolves when the condition holds; fails with the last state of things after `timeoutMs` (default
 * 20 s, far more than it takes). An assertion that throws counts as "not yet". `pollMs` is for
 * conditions that cost something.
 */
export async function eventually(
  condition: () => unknown,
  timeoutMs = 20_000,
  pollMs = POLL_MS,
): Promise<void> {
  const end = performance.now() + timeoutMs;
  for (;;) {
    let problem: unknown;
    try {
      if ((await condition()) !== false) return;
      problem = new Error('the condition does not hold');
    } catch (error) {
      problem = error;
    }
    if (performance.now() > end) throw problem;
    await new Promise((resolve) => setTimeout(resolve, pollMs));
  }
}
