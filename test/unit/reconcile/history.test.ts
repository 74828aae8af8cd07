/** The estate as it was: kept by looks, read by the time. */
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decideProposal } from "../../../shared/reconcile/decisions.ts";
import { observedAt, pastTime } from "../../../shared/reconcile/history.ts";
import { openAccount, PassBench } from "../../support/passBench.ts";

const minute = 60_000;
const error = { class: "giveUp", code: "Forbidden", message: "", status: 403, retryAfterMs: undefined } as const;

function documents(bench: PassBench): Map<string, unknown> {
  return new Map([...bench.store.documents("state")].map((document) => [document.id, document]));
}

const pasts = (bench: PassBench): string[] => [...documents(bench).keys()].filter((id) => id.startsWith("past-"));

async function lookAt(bench: PassBench, access: string | undefined): Promise<void> {
  const account = openAccount();
  Object.assign(account["properties"] as object, { publicNetworkAccess: access });
  bench.arm.account = access === undefined ? undefined : account;
  await bench.want();
  await bench.look();
}

/** What was seen of the one account at the time; undefined when that is not known. */
async function accessAt(bench: PassBench, atMs: number): Promise<unknown> {
  const found = (await observedAt(bench.store, new Date(atMs).toISOString(), 10)).found.get(bench.pk);
  if (found === undefined) return "unknown";
  return found.body === null ? undefined : (found.body["properties"] as Record<string, unknown>)["publicNetworkAccess"];
}

describe("looks", () => {
  it("store what was seen before in the transaction in which they store what they see", async () => {
    const bench = new PassBench();
    await lookAt(bench, "Enabled");
    bench.nowMs += minute;
    const commits: string[][] = [];
    bench.store.onCommit = ({ changes }) => commits.push(changes.map(({ after }) => after.id));
    await lookAt(bench, "Disabled");
    const [past = ""] = pasts(bench);
    expect(commits.filter((ids) => ids.includes(past) || ids.includes("observation"))).toEqual([
      expect.arrayContaining([past, "observation", "writer"]),
    ]);
  });

  it("keep it for ninety days after they saw something else, and no longer", async () => {
    const bench = new PassBench();
    await lookAt(bench, "Enabled");
    bench.nowMs += minute;
    await lookAt(bench, "Disabled");
    bench.nowMs += 90 * 24 * 60 * minute - 1_000;
    expect(pasts(bench)).toEqual(["past-2026-11-21T10:00:00.000Z"]);
    bench.nowMs += 1_000;
    expect(pasts(bench)).toEqual([]);
  });

  it("keep nothing of what is as it was: after a person has decided, and after an answer that did not come", async () => {
    const bench = new PassBench();
    await lookAt(bench, "Enabled");
    const before = documents(bench).get("observation");
    const [asked] = await bench.live("proposal");
    bench.nowMs += minute;
    const by = "00000000-0000-4000-8000-00000000000a";
    const proposal = asked?.id ?? "";
    await decideProposal(bench.context, { proposal, verdict: "reject", reason: null, hash: undefined, by });
    await bench.look();
    bench.arm.onRead = () => ({ kind: "failed", error });
    await bench.want();
    await bench.look();
    bench.arm.onRead = undefined;
    await lookAt(bench, "Enabled");
    expect(documents(bench).get("observation")).toEqual(before);
    expect(pasts(bench)).toEqual([]);
  });
});

it("answers at any time what had been seen last by then, and nothing for a time before the first look", async () => {
  const sight = fc.record({
    access: fc.constantFrom("Enabled", "Disabled", undefined),
    after: fc.integer({ min: 1, max: 400 }),
  });
  await fc.assert(
    fc.asyncProperty(
      fc.array(sight, { minLength: 1, maxLength: 12 }),
      fc.integer({ min: -5, max: 4_000 }),
      async (looks, at) => {
        const bench = new PassBench();
        const beganMs = bench.nowMs;
        let expected: unknown = "unknown";
        for (const { access, after } of looks) {
          bench.nowMs += after * minute;
          await lookAt(bench, access);
          if (bench.nowMs <= beganMs + at * minute) expected = access;
        }
        expect(await accessAt(bench, beganMs + at * minute)).toBe(expected);
      },
    ),
    { numRuns: 60 },
  );
});

describe("the time that is asked about", () => {
  const nowMs = Date.UTC(2026, 10, 21, 10);

  it("is a day or a time of the last 90 days", () => {
    expect(pastTime("2026-11-01", nowMs)).toBe("2026-11-01T00:00:00.000Z");
    expect(pastTime("2026-11-01T12:00:00+02:00", nowMs)).toBe("2026-11-01T10:00:00.000Z");
  });

  it.each([
    ["yesterday", "expected a time such as"],
    ["2026-11-31", "expected a time such as"],
    ["2026-11-21T10:00:01Z", "expected a time that has been"],
    ["2026-08-20", "expected one of the last 90 days"],
  ])("is not %s", (text, message) => {
    expect(() => pastTime(text, nowMs)).toThrow(message);
  });
});
