/**
 * Keeps the ARM exchanges of a test run for the judge: answers in `*.good.jsonl`, deliberate refusals (a fault, or a
 * status of 400 and above) apart in `*.refused.jsonl`. Does nothing unless STEELYARD_TRAFFIC names a folder.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { randomUUID } from "node:crypto";

export function keepTraffic(jsonLines: string): void {
  const folder = process.env["STEELYARD_TRAFFIC"];
  if (folder === undefined || jsonLines.trim() === "") return;
  mkdirSync(folder, { recursive: true });
  const lines = jsonLines.split("\n").filter((line) => line !== "");
  const isRefusal = (line: string): boolean => {
    const { status, fault } = JSON.parse(line) as { status: number; fault?: boolean };
    return status >= 400 || fault === true;
  };
  const name = join(folder, `${process.pid}-${randomUUID().slice(0, 8)}`);
  writeFileSync(`${name}.good.jsonl`, lines.filter((line) => !isRefusal(line)).join("\n"));
  writeFileSync(`${name}.refused.jsonl`, lines.filter(isRefusal).join("\n"));
}
