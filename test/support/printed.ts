import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeEach, vi } from "vitest";

/** What a command prints in a test, kept from the terminal, and a folder for its files; both are put away after it. */
export function printed() {
  const folder = mkdtempSync(join(tmpdir(), "steelyard-command-"));
  afterAll(() => rmSync(folder, { recursive: true }));
  const text = { out: "", err: "" };
  beforeEach(() => {
    for (const [name, stream] of [
      ["out", process.stdout],
      ["err", process.stderr],
    ] as const) {
      text[name] = "";
      vi.spyOn(stream, "write").mockImplementation((chunk) => {
        text[name] += String(chunk);
        return true;
      });
    }
    return () => vi.restoreAllMocks();
  });
  const file = (name: string, value: unknown): string => {
    const path = join(folder, name);
    writeFileSync(path, typeof value === "string" ? value : JSON.stringify(value));
    return path;
  };
  return { folder, text, file };
}
