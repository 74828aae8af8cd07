import { assert, array, double, integer, property, record } from "fast-check";
import { describe, expect, it } from "vitest";
import { beam, spread, type BeamGroup, type Weight } from "../../../shared/view/beam.ts";
import {
  budgetBeam,
  dotStrip,
  place,
  placeClass,
  rug,
  shareBar,
  steps,
  type Sample,
} from "../../../shared/view/charts.ts";
import { axisOf, chart, loopsPanel, sentence, type LoopPicture } from "../../../shared/view/loops.ts";

const nowMs = Date.parse("2026-11-18T14:32:00.000Z");
const hour = 3_600_000;
const axis = axisOf(nowMs);
const at = (hours: number, value: number | null): Sample => ({ atMs: nowMs - hours * hour, value });

const golden = (name: string): string => `golden/${name}.html`;

describe("steps over time", () => {
  const drawings: Record<string, readonly Sample[]> = {
    empty: [],
    "one point": [at(4, 3)],
    flat: [at(18, 2), at(9, 2), at(1, 2)],
    "flat at none": [at(18, 0)],
    "a spike": [at(18, 1), at(12, 13), at(11.9, 1)],
    "a gap": [at(18, 1), at(12, null), at(8, 4)],
    "not known until lately": [at(18, null), at(2, 5)],
  };
  const picture = (samples: readonly Sample[]): LoopPicture => ({
    what: "not as they should be",
    samples,
    writes: [nowMs - hour, nowMs - hour - 1000, nowMs - 12 * hour],
    fixed: [{ atMs: nowMs + 2 * hour, label: "sweep" }],
  });

  it.each(Object.keys(drawings))("draws %s", async (name) => {
    await expect(String(chart(picture(drawings[name] ?? []), nowMs))).toMatchFileSnapshot(golden(`steps, ${name}`));
  });

  it("draws no line over what is not known", () => {
    const { line, gaps } = steps(drawings["a gap"] ?? [], axis, nowMs, 4);
    expect(line.match(/M/g)).toHaveLength(2);
    expect(gaps).toEqual([[250, expect.closeTo(416.7, 0)]]);
  });

  it("says the same in words", () => {
    expect(sentence(picture(drawings["a spike"] ?? []), nowMs)).toBe(
      "Over the last 18 h, not as they should be: 1 at 17 Nov 20:32, at most 13 at 02:32, 1 now. 3 changes were written. To come: sweep at 16:32.",
    );
    expect(sentence(picture([]), nowMs)).toBe("How many are not as they should be is not known.");
  });

  it("never leaves its box, whatever comes", () => {
    const sample = record({
      atMs: integer({ min: nowMs - 40 * hour, max: nowMs + 40 * hour }),
      value: integer({ min: 0, max: 9_999 }),
    });
    assert(
      property(array(sample, { maxLength: 30 }), (samples) => {
        const sorted = samples.toSorted((a, b) => a.atMs - b.atMs);
        const { line, area } = steps(sorted, axis, nowMs, Math.max(0, ...samples.map(({ value }) => value)));
        const numbers = `${line}${area}`.match(/-?\d+(\.\d+)?/g) ?? [];
        for (const number of numbers) expect(Number(number)).toBeGreaterThanOrEqual(0);
        expect(`${line}${area}`).not.toMatch(/NaN|Infinity|e/);
        for (const [, x] of line.matchAll(/H([\d.]+)/g)) expect(Number(x)).toBeLessThanOrEqual(1000);
      }),
    );
  });

  it("makes one stroke of writes that would lie on each other", () => {
    expect(rug([nowMs, nowMs - 1000, nowMs - hour, nowMs - 30 * hour], axis).match(/M/g)).toHaveLength(2);
  });

  it("leaves no label over another on the axis", () => {
    const head = loopsPanel([], nowMs).toString();
    expect(head).toContain("now 14:32");
    expect([...head.matchAll(/>(\d\d:\d\d)</g)].map(([, text]) => text)).toEqual(["00:00", "04:00", "08:00", "12:00"]);
  });
});

describe("the beam", () => {
  const weight = (index: number, tone: Weight["tone"] = "wait"): Weight => ({
    index,
    tone,
    word: "Waits",
    name: `oai-${index}`,
    what: "Public network access",
    href: `/at/${index}`,
  });
  const group = (label: string, count: number, weights: readonly Weight[] = []): BeamGroup => ({
    label,
    count,
    weights,
  });

  it("is not there without targets", () => {
    expect(beam([], "/rest")).toBeNull();
    expect(beam([group("accounts", 0)], "/rest")).toBeNull();
  });

  it.each<[string, readonly BeamGroup[]]>([
    ["all well", [group("accounts", 3), group("deployments", 12)]],
    ["one target", [group("accounts", 1, [weight(0, "stop")])]],
    [
      "more weights than labels",
      [
        group("accounts", 17, [weight(4)]),
        group(
          "deployments",
          52,
          Array.from({ length: 12 }, (_, at) => weight(at * 4)),
        ),
      ],
    ],
    ["thousands", [group("accounts", 4_000, [weight(3_999)]), group("deployments", 9_001)]],
  ])("draws %s", async (name, groups) => {
    await expect(String(beam(groups, "/rest"))).toMatchFileSnapshot(golden(`beam, ${name}`));
  });

  it("names every target and every weight in its sentence", () => {
    const drawn = String(beam([group("accounts", 17, [weight(4)]), group("deployments", 52)], "/rest"));
    expect(drawn).toContain(
      "17 accounts, 1 not as they should be; 52 deployments, all as they should be. 1 weight hangs.",
    );
  });

  it("stands for ten each above 300, and says so", () => {
    const ticks = (count: number): number => String(beam([group("accounts", count)], "/")).match(/v-1/g)?.length ?? 0;
    expect([ticks(300), ticks(301)]).toEqual([300, 31]);
    expect(String(beam([group("accounts", 301)], "/"))).toContain("stands for 10 targets");
  });

  it("shows what is blocked before what waits when there is no room for all", () => {
    const drawn = String(
      beam([group("accounts", 30, [...Array.from({ length: 9 }, (_, at) => weight(at)), weight(29, "stop")])], "/"),
    );
    expect(drawn).toContain("oai-29");
    expect(drawn).toContain("and 4 more");
  });

  it("lets no label cover another, nor leave the page", () => {
    assert(
      property(array(double({ min: 0, max: 1000, noNaN: true }), { maxLength: 6 }), (places) => {
        const laid = spread(places.toSorted((a, b) => a - b));
        for (const [index, x] of laid.entries()) {
          expect(x).toBeGreaterThanOrEqual(0);
          expect(x).toBeLessThanOrEqual(1000 - 158);
          expect(x - (laid[index - 1] ?? -158)).toBeGreaterThanOrEqual(157.9);
        }
      }),
    );
  });
});

describe("small scales", () => {
  it.each([
    [11, 20],
    [0, 20],
    [0, 0],
    [1_000, 1_000],
  ])("hang the poise of a budget at %d of %d", async (left, of) => {
    await expect(String(budgetBeam(left, of, `${left} of ${of} left`))).toMatchFileSnapshot(
      golden(`budget, ${left} of ${of}`),
    );
  });

  it("draw dots and shares", async () => {
    const span = { fromMs: 0, toMs: 90 };
    await expect(String(dotStrip([0, 45, 90, 91], span, "3 in 90 days"))).toMatchFileSnapshot(golden("dots"));
    await expect(String(dotStrip([], span, "none in 90 days"))).toMatchFileSnapshot(golden("dots, none"));
    await expect(String(shareBar(45, 60, "45 of 60"))).toMatchFileSnapshot(golden("share"));
    await expect(String(shareBar(9, 0, "9 of none"))).toMatchFileSnapshot(golden("share of none"));
  });

  it("place labels in half per cent, within the page", () => {
    expect([-5, 0, 334, 1000, 2000].map(placeClass)).toEqual(["p0", "p0", "p67", "p200", "p200"]);
    expect(place({ fromMs: 5, toMs: 5 }, 5)).toBe(0);
  });
});
