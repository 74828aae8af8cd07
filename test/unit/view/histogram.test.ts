import { describe, expect, it } from "vitest";
import { histogram, histogramSentence, type Bin } from "../../../shared/view/histogram.ts";

const bins = (...counts: number[]): Bin[] =>
  [0, 7, 30, 90, 365].map((days, index) => ({ days, count: counts[index] ?? 0 }));
const heights = (of: readonly Bin[]): number[] =>
  [
    ...histogram(of)
      .toString()
      .matchAll(/<rect[^>]*\sheight="([\d.]+)"/g),
  ].map(([, height]) => Number(height));

describe("the histogram of a backlog", () => {
  it("says in words what it shows", () => {
    expect(histogramSentence(bins(10, 0, 1, 2, 1_400))).toBe(
      "How long it has been so: of 1,413 accounts, 10 under 7 d, 1 30 to 90 d, 2 90 d to a year, 1,400 over a year.",
    );
    expect(histogram(bins(1)).toString()).toContain('aria-label="How long it has been so: of 1 account, 1 under 7 d."');
  });

  it("draws from 0, the highest as high as there is room", () => {
    expect(heights(bins(10, 0, 5, 20))).toEqual([20, 0, 10, 40, 0]);
  });

  it("leaves a bar for one among thousands, and none for none", () => {
    const drawn = heights(bins(1, 0, 5_000));
    expect(drawn[0]).toBeGreaterThan(1);
    expect(drawn[1]).toBe(0);
  });

  it("holds with nothing in it", () => {
    expect(heights(bins())).toEqual([0, 0, 0, 0, 0]);
    expect(histogramSentence(bins())).toBe("Nothing waits.");
    expect(histogram([]).toString()).not.toMatch(/NaN|Infinity/);
  });
});
