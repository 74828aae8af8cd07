/** How values, differences and tables read in a terminal. */

interface Differing {
  readonly path: string;
  readonly before: unknown;
  readonly after: unknown;
}

const VALUE_CHARACTERS_MAX = 100;

export function valueText(value: unknown): string {
  if (value === null) return "(nothing)";
  const text = typeof value === "string" ? value : JSON.stringify(value);
  return text.length > VALUE_CHARACTERS_MAX ? `${text.slice(0, VALUE_CHARACTERS_MAX)}...` : text;
}

/** One line per value: `standards[NET-01].mode: audit -> approve`. */
export function differencesText(changes: readonly Differing[], changed = changes.length): string {
  const lines = changes.map(({ path, before, after }) => `  ${path}: ${valueText(before)} -> ${valueText(after)}`);
  if (changed > changes.length) lines.push(`  and ${changed - changes.length} more`);
  return `${lines.join("\n")}\n`;
}

/** Resource group and account, without what every ID has in common. */
export function nameOf(target: string): string {
  const parts = target.split("/");
  return parts.length >= 9 ? `${parts[4]}/${parts.slice(8).join("/")} in ${parts[2]}` : target;
}

export function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? "" : "s"}`;
}

export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((title, at) => Math.max(title.length, ...rows.map((row) => row[at]?.length ?? 0)));
  const line = (cells: readonly string[]): string =>
    `  ${cells.map((cell, at) => cell.padEnd(widths[at] ?? 0)).join("  ")}`.trimEnd();
  return [line(head), ...rows.map(line)].join("\n");
}
