/** The matrix in words. */
import { columns } from "./columns/index.ts";
import type { Cell } from "./matrix.ts";

export function isHeld({ failures, emptyBecause }: Cell): boolean {
  return failures === 0 && emptyBecause === undefined;
}

/** Standards down, columns across: resources, and failures where there are any. */
export function table(cells: readonly Cell[]): string {
  const shown = columns.filter(({ number }) => cells.some(({ column }) => column === number));
  const rows = Map.groupBy(cells, ({ standard }) => standard);
  const head = ["standard", ...shown.map(({ number }) => `(${number})`)];
  const lines = [...rows].map(([standard, own]) => [
    standard,
    ...shown.map(({ number }) => text(own.find(({ column }) => column === number))),
  ]);
  const widths = head.map((_, at) => Math.max(...[head, ...lines].map((line) => line[at]?.length ?? 0)));
  const drawn = [head, ...lines].map((line) =>
    line
      .map((word, at) => word.padEnd(widths[at] ?? 0))
      .join("  ")
      .trimEnd(),
  );
  return [
    ...drawn,
    "",
    ...shown.map(({ number, title, without }) => `(${number}) ${title}; without a remedy (X): ${without}`),
    ...notesOf(cells),
  ].join("\n");
}

function text(cell: Cell | undefined): string {
  if (cell === undefined) return "-";
  const { resources, failures, emptyBecause, fixable } = cell;
  if (failures > 0) return `${failures} of ${resources} FAIL`;
  if (emptyBecause !== undefined) return "EMPTY";
  return fixable > 0 ? `${resources}` : `${resources} X`;
}

/** In how many outcomes of a column the promise held in another way, or what stood in the way. */
function notesOf(cells: readonly Cell[]): string[] {
  const sums = new Map<string, number>();
  for (const { column, notes } of cells)
    for (const [note, count] of Object.entries(notes))
      sums.set(`(${column}) ${note}`, (sums.get(`(${column}) ${note}`) ?? 0) + count);
  return [...sums].sort(([a], [b]) => (a < b ? -1 : 1)).map(([note, count]) => `${note}: ${count}`);
}

/** What to look at when a cell fails. */
export function shownFailure({ standard, column, first, emptyBecause, failures, meaning }: Cell, seed: number): string {
  const where = `${standard} (${column}) ${meaning}`;
  if (first === undefined) return `${where}: ${emptyBecause ?? ""}`;
  return [
    `${where}: ${failures} failures; the first: ${first.problem}`,
    `  the smallest resource that shows it: ${JSON.stringify(first.sample)}`,
    `  to see it again: npm run gate -- --standard ${standard} --column ${column} --seed ${seed} --resource ${first.resource}`,
  ].join("\n");
}
