/** A plan is what then happens: the same account, looked at under the new configuration, meets the fate that was told. */
import * as fc from "fast-check";
import { expect, it } from "vitest";
import { configSchema, type ConfigInput } from "../../shared/config/schema.ts";
import { decideProposal } from "../../shared/reconcile/decisions.ts";
import type { Fate, Foretold } from "../../shared/reconcile/plan.ts";
import { planOf } from "../../shared/reconcile/planning.ts";
import { openAccount, PassBench, subscriptionId } from "../support/passBench.ts";

const people = ["00000000-0000-4000-8000-00000000000a", "00000000-0000-4000-8000-00000000000b"];
const always = { days: ["mon", "tue", "wed", "thu", "fri", "sat", "sun"], from: "00:00", to: "00:00" } as const;

const configuration: fc.Arbitrary<ConfigInput> = fc
  .record({
    mode: fc.constantFrom("audit", "approve", "enforce"),
    level: fc.constantFrom("audit", "approve", "enforce", undefined),
    archetype: fc.constantFrom("corp", "corp", "corp", "online"),
    quorum: fc.integer({ min: 1, max: 2 }),
    paused: fc.boolean(),
    isFrozen: fc.boolean(),
    isOwned: fc.boolean(),
    writesPerHour: fc.constantFrom(0, 20),
  } as const)
  .map(({ mode, level, archetype, quorum, paused, isFrozen, isOwned, writesPerHour }): ConfigInput => ({
    version: 1,
    subscriptions: level === undefined ? [] : [{ id: subscriptionId, name: "corp", archetype, level }],
    standards: [{ id: "NET-01", mode }],
    quorum,
    paused,
    freezes: isFrozen ? [{ name: "always", weekly: { ...always, days: [...always.days] } }] : [],
    fields: isOwned ? [{ path: "properties.publicNetworkAccess", owner: "iac" }] : [],
    budgets: [{ writesPerHour }],
  }));

/** Where the account stands before: breached or not, never put right or put right before, with or without an endpoint. */
const history = fc.record({
  isOpen: fc.boolean(),
  hasEndpoint: fc.boolean(),
  wasPutRight: fc.boolean(),
  isApproved: fc.boolean(),
});

/** What a look did about NET-01, read from its answer and the store alone. */
async function fateOf(bench: PassBench): Promise<string> {
  await bench.want();
  const looked = await bench.look();
  if (looked.kind === "apply") return "write";
  const [finding] = await bench.live("finding");
  const [proposal] = await bench.live("proposal");
  if (finding === undefined) return "none";
  const reason = (proposal ?? finding).condition?.reason;
  if (reason !== undefined) return `hold ${reason}`;
  return proposal === undefined ? "report" : `ask ${proposal.quorum}`;
}

const nothingEnrolled: ConfigInput = { version: 1, subscriptions: [], standards: [] };

/** What the plan of a change says of NET-01; undefined when nothing would be otherwise. */
async function planned(bench: PassBench, before: ConfigInput, after: ConfigInput): Promise<Foretold | undefined> {
  const current = { version: 1, config: configSchema.parse(before), document: undefined };
  const { accounts, differences } = await planOf(bench.context, current, configSchema.parse(after));
  expect(accounts).toBe(1);
  return differences.find(({ standard }) => standard === "NET-01");
}

function text(fate: Fate | undefined): string {
  if (fate === undefined) return "none";
  if (fate.kind === "hold") return `hold ${fate.reason}`;
  return fate.kind === "ask" ? `ask ${fate.quorum}` : fate.kind;
}

it("foretells what the next look does under the new configuration", async () => {
  await fc.assert(
    fc.asyncProperty(configuration, configuration, history, async (before, after, past) => {
      const bench = new PassBench();
      const approve = async (): Promise<void> => {
        for (const { id, state } of await bench.live("proposal")) {
          if (state !== "open") continue;
          for (const by of people) {
            const request = { proposal: id, verdict: "approve", reason: null, hash: undefined, by } as const;
            await decideProposal(bench.context, request);
          }
        }
      };
      if (past.wasPutRight) {
        await bench.want();
        await bench.look();
        await approve();
        await bench.pass();
      }
      const account = openAccount();
      const properties = account["properties"] as Record<string, unknown>;
      if (!past.isOpen) properties["publicNetworkAccess"] = "Disabled";
      if (!past.hasEndpoint) properties["privateEndpointConnections"] = [];
      bench.arm.account = account;
      bench.config = before;
      const first = await fateOf(bench);
      if (past.isApproved && first !== "write") await approve();
      const told = await planned(bench, nothingEnrolled, after);
      const standing = await planned(bench, nothingEnrolled, before);
      const difference = await planned(bench, before, after);
      const [was, will] = [text(standing?.will), text(told?.will)];
      const expected = was === will ? undefined : [was, will];
      expect(difference && [text(difference.was), text(difference.will)]).toEqual(expected);
      bench.config = after;
      expect(will).toBe(await fateOf(bench));
    }),
    { numRuns: 50 },
  );
});
