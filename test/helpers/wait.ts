/** Milliseconds that a wait may take before it fails: far more than anything takes on a machine with much to do. */
export const PATIENCE = 20_000

/**
 * Waits until something holds that no event tells of.
 *
 * @param holds - asked again and again
 * @param what - names it in the error
 */
export async function until(holds: () => boolean | Promise<boolean>, what: string): Promise<void> {
  const deadline = performance.now() + PATIENCE
  while (!(await holds())) {
    if (performance.now() > deadline) throw new Error(`${PATIENCE} ms went by without ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
}
