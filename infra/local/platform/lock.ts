import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { UsageError } from "./options.ts";

/**
 * Claims the data folder for this process, so that two platforms never write the same files. A claim of a process that
 * is gone (it was killed) doesn't count.
 *
 * @returns what gives the folder back
 * @throws UsageError naming the process that has it
 */
export function claimDataFolder(dataDir: string): () => void {
  const file = join(dataDir, "platform.pid");
  const holder = holderOf(file);
  if (holder !== undefined)
    throw new UsageError(
      `the data folder ${dataDir} is used by the platform that runs as process ${holder}; stop that one (kill ${holder}) or give another folder with --data DIR`,
    );
  writeFileSync(file, `${process.pid}\n`, { mode: 0o600 });
  return () => rmSync(file, { force: true });
}

function holderOf(file: string): number | undefined {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch {
    return undefined;
  }
  const pid = Number(text);
  return Number.isInteger(pid) && pid > 0 && pid !== process.pid && isPlatform(pid) ? pid : undefined;
}

/** A number can have gone to another program since; where /proc exists, the command line tells. */
function isPlatform(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8").includes("platform/main");
  } catch {
    return true;
  }
}
