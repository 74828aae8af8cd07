import { describe, expect, it } from "vitest";
import { isFull } from "../support/extent.ts";
import { columns } from "./columns/index.ts";
import { gatedStandards, matrix } from "./matrix.ts";
import { shownFailure } from "./table.ts";

/** Of each cell; `npm run gate` draws 200. */
const RESOURCES = isFull ? 4 : 1;
const SEED = 1;

describe("the remedy gate, a sample", { timeout: 300_000 }, () => {
  it.each(columns.map(({ number, title }) => [number, title] as const))("(%i) %s", async (column) => {
    const cells = await matrix({ seed: SEED, resources: RESOURCES, columns: [column] });
    const failed = cells.filter(({ failures }) => failures > 0).map((cell) => shownFailure(cell, SEED));
    expect(failed).toEqual([]);
    expect(cells.map(({ standard }) => standard)).toEqual(gatedStandards().map(({ id }) => id));
    expect(cells.every(({ resources }) => resources === RESOURCES)).toBe(true);
  });
});
