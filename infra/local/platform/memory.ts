import { readFileSync } from "node:fs";

/**
 * Resident memory of a process in bytes, as Linux tells it; undefined where /proc does not exist or the process is
 * gone.
 */
export function residentBytes(pid: number): number | undefined {
  try {
    const kibibytes = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1];
    return kibibytes === undefined ? undefined : Number(kibibytes) * 1024;
  } catch {
    return undefined;
  }
}
