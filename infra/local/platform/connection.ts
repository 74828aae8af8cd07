import { chmodSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { oids } from "../scenarios/people.ts";
import type { Ports } from "./settings.ts";

/** What the CLI needs to talk to the running product: its address, and where to get a token as whom. */
export function writeConnection(dataDir: string, ports: Ports): void {
  const file = join(dataDir, "connection.json");
  const connection = {
    url: `http://127.0.0.1:${ports.edge}`,
    tokenUrl: `http://127.0.0.1:${ports.control}/_platform/token`,
    // May do everything but agree to what they propose themselves.
    as: oids.admin,
  };
  writeFileSync(file, `${JSON.stringify(connection, undefined, 2)}\n`, { mode: 0o600 });
  // The mode above only counts for a new file.
  chmodSync(file, 0o600);
}
