/** Verdicts as CSV after RFC 4180, safe to open in a spreadsheet. */
import type { Verdict } from "./verdict.ts";

const head = ["resource", "standard", "title", "severity", "verdict", "effect", "reason", "paths", "safety", "changes"];

/** `standards`: title and severity by ID. */
export function csvOf(
  verdicts: readonly Verdict[],
  standards: ReadonlyMap<string, { readonly title: string; readonly severity: string }>,
): string {
  const rows = verdicts.map(({ resource, standard, verdict, effect, reason, paths, remedy }) => {
    const { title = "", severity = "" } = standards.get(standard) ?? {};
    const changes = (remedy?.changes ?? []).map(
      ({ path, before, after }) => `${path}: ${JSON.stringify(before)} -> ${JSON.stringify(after)}`,
    );
    return [
      resource,
      standard,
      title,
      severity,
      verdict,
      effect ?? "",
      reason,
      paths.join(" "),
      remedy?.safety ?? "",
      changes.join("; "),
    ];
  });
  return [head, ...rows].map((cells) => `${cells.map(cellOf).join(",")}\r\n`).join("");
}

/**
 * What tags and names hold is anybody's: a spreadsheet takes a cell that begins so for a formula, and an apostrophe in
 * front keeps it a text (OWASP, CSV injection: also behind blanks and controls, and in full width).
 */
const formula = /^[\s\p{Cc}]*[=+\-@\t\r\uFF1D\uFF0B\uFF0D\uFF20]/u;

function cellOf(text: string): string {
  const safe = formula.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
