import type { Bus } from "../ports/bus.ts";

export interface WakeContext {
  readonly bus: Bus;
  readonly log: (message: string, fields: Readonly<Record<string, unknown>>) => void;
}

/**
 * Sends a wake-up for a wish that is stored. One that the bus doesn't take costs a minute, until the sweeper finds the
 * wish; it never costs the caller's work.
 */
export async function wakeOrLeave(context: WakeContext, key: string, atMs?: number): Promise<void> {
  try {
    await context.bus.wake(key, atMs);
  } catch (error) {
    context.log("a wake-up was not sent; the sweeper will start the pass", { key, error: String(error) });
  }
}
