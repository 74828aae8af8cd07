/** The daily digest on the wire: on a platform that runs with a manual clock and has written to accounts unasked. */
import { expect } from "vitest";
import { oids } from "../support/estate.ts";
import type { TestPlatform } from "../support/platform.ts";

interface Short {
  readonly date: string;
  readonly from: string;
  readonly to: string;
  readonly totals: { readonly unasked: number };
}

/**
 * Moves the clock to a morning and, after an outage of three days, to another one. Answers the days of the newest three
 * digests, counted from that first morning. `writes`: what ARM saw; `steelyard`: the command line.
 */
export async function daysWithDigest(
  platform: TestPlatform,
  writes: () => Promise<{ readonly at: string }[]>,
  steelyard: (as: string, ...words: string[]) => Promise<{ status: number | null; stdout: string }>,
): Promise<number[]> {
  const { now } = (await platform.control("GET", "clock")).body as { now: string };
  const minutes = (Date.parse(`${now.slice(0, 10)}T05:50:00Z`) - Date.parse(now)) / 60_000;
  await platform.clock({ jump: `PT${Math.ceil(minutes <= 0 ? minutes + 24 * 60 : minutes)}M` });
  const day = (await platform.clock({ advance: "PT30M" })).now.slice(0, 10);
  await platform.clock({ jump: "P2DT23H30M" });
  await platform.clock({ advance: "PT30M" });
  await platform.settle();

  const page = (await platform.api("GET", "digests?limit=2")).body;
  const rest = (await platform.api("GET", `digests?continuation=${page.continuation}`)).body;
  const digests = [...page.value, ...rest.value] as Short[];
  const days = digests.map(({ date }) => (Date.parse(date) - Date.parse(day)) / 86_400_000);
  expect(new Set(days).size).toBe(days.length);
  expect(digests.slice(0, -1).map(({ from }) => from)).toEqual(digests.slice(1).map(({ to }) => to));

  const times = (await writes()).map(({ at }) => at);
  const written = digests.map(({ from, to }) => times.filter((at) => from < at && at <= to).length);
  expect(digests.map(({ totals }) => totals.unasked)).toEqual(written);
  expect(written.every((number) => number === 0)).toBe(false);

  const { text } = (await platform.api("GET", `digests/${day}`)).body;
  expect(text).toMatch(/changes? written and read back\n- ACC-02 \(/);
  expect(await steelyard(oids.reader, "digest", day)).toEqual({ status: 0, stdout: text });
  const newest = await steelyard(oids.reader, "digest", "--json");
  expect(JSON.parse(newest.stdout)).toMatchObject({ date: digests[0]?.date });
  expect((await platform.api("GET", "digests/2026-02-30")).status).toBe(400);
  expect((await platform.api("GET", "digests/2020-02-29")).status).toBe(404);
  return days.slice(0, 3);
}
