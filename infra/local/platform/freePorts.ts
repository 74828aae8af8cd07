import { createServer } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { UsageError } from "./options.ts";
import { nameOfPort } from "./ports.ts";
import type { Ports } from "./settings.ts";

/** The hosts of a platform that was killed notice and end; their ports are free this soon (machine time). */
const GRACE_MS = 3000;

/**
 * Waits a moment for the ports to be free.
 *
 * @throws UsageError naming the port that isn't and what to do
 */
export async function awaitFreePorts(ports: Ports): Promise<void> {
  const deadlineMs = Date.now() + GRACE_MS;
  for (const port of Object.values(ports).flat() as number[]) {
    while (!(await isFree(port))) {
      if (port === ports.control && (await isPlatform(port)))
        throw new UsageError(
          `a Steelyard platform runs already: http://127.0.0.1:${port}/_platform/health answers. Use it, stop it, or start another one with --port-base PORT --data DIR.`,
        );
      if (Date.now() >= deadlineMs)
        throw new UsageError(
          `port ${port} (${nameOfPort(ports, port)}) on 127.0.0.1 is in use by another program. Stop that program (lsof -i :${port} names it), or take other ports with --port-base PORT.`,
        );
      await sleep(50);
    }
  }
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", (error: NodeJS.ErrnoException) => {
      if (error.code === "EADDRINUSE") resolve(false);
      else reject(error);
    });
    server.listen(port, "127.0.0.1", () => server.close(() => resolve(true)));
  });
}

async function isPlatform(port: number): Promise<boolean> {
  try {
    const response = await fetch(`http://127.0.0.1:${port}/_platform/health`, { signal: AbortSignal.timeout(1000) });
    return "endpoints" in ((await response.json()) as object);
  } catch {
    return false;
  }
}
