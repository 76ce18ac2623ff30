/**
 * Polls until the condition holds; rejects after `timeoutMs`.
 * @example await until(async () => (await api.get('/places/1')).status === 503)
 */
export async function until(holds: () => boolean | Promise<boolean>, timeoutMs = 8_000): Promise<void> {
  const deadline = Date.now() + timeoutMs;
  while (!(await holds())) {
    if (Date.now() > deadline) throw new Error(`condition did not hold within ${timeoutMs} ms: ${holds.toString()}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
