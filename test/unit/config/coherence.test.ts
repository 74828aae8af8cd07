import { expect, it } from "vitest";
import { faultsOf, textOfFault } from "../../../shared/config/coherence.ts";
import { differences } from "../../../shared/config/difference.ts";
import type { ConfigInput } from "../../../shared/config/schema.ts";
import { standardFacts } from "../../../shared/standards/facts.ts";
import { ada, baseline, ben, corp, online } from "../../support/configurationBench.ts";

const facts = [{ id: "NET-01", safety: "R", parameters: ["ranges"] } as const];
const [first] = baseline().subscriptions;

function told(changes: Partial<ConfigInput>): string[] {
  return faultsOf(baseline(changes), facts).map((fault) => `${fault.severity}: ${textOfFault(fault)}`);
}

it("finds nothing in a configuration that makes sense", () => {
  expect(told({})).toEqual([]);
  expect(
    told({ quorums: { prod: 2 }, approvers: [{ people: [ada, ben] }], escalation: { afterHours: 4, people: [ada] } }),
  ).toEqual([]);
  expect(standardFacts()).toContainEqual(expect.objectContaining({ id: "NET-01", safety: "R" }));
});

it.each<[string, Partial<ConfigInput>, string]>([
  [
    "an environment named nowhere",
    { quorums: { prd: 2 } },
    "error: quorums.prd: found prd; expected one of environments.names: prod, test, dev",
  ],
  [
    "one in a scope",
    { freezes: [{ name: "f", environments: ["qa"], weekly: { days: ["sun"], from: "00:00", to: "00:00" } }] },
    "error: freezes[0].environments[0]: found qa; expected one of environments.names: prod, test, dev",
  ],
  [
    "one among modes",
    { standards: [{ id: "NET-01", mode: "audit", modes: { live: "approve" } }] },
    "error: standards[0].modes.live: found live; expected one of environments.names: prod, test, dev",
  ],
  [
    "a subscription in two entries",
    { subscriptions: [first!, { ...first!, name: "again" }] },
    `error: subscriptions[1].id: found ${corp}, which is at subscriptions[0] already; expected it once`,
  ],
  [
    "a standard in two entries",
    {
      standards: [
        { id: "NET-01", mode: "audit" },
        { id: "NET-01", mode: "approve" },
      ],
    },
    "error: standards[1].id: found NET-01, which is at standards[0] already; expected it once",
  ],
  [
    "a standard that there is not",
    { standards: [{ id: "NET-99", mode: "audit" }] },
    "error: standards[0].id: found NET-99; expected one of NET-01",
  ],
  [
    "a parameter that there is not",
    { standards: [{ id: "NET-01", mode: "audit", parameters: { range: 1 } }] },
    "error: standards[0].parameters.range: found range; expected ranges",
  ],
  [
    "a team that there is not",
    { subscriptions: [{ ...first!, team: "search" }] },
    "error: subscriptions[0].team: found search; no team is named under teams",
  ],
  [
    "a quorum that can't be met",
    { quorums: { prod: 3 }, approvers: [{ people: [ada, ben], environments: ["prod"] }] },
    "error: quorums.prod: found 3 for prod, and 2 approvers are named there for NET-01; expected at most 2, or 1 more under approvers",
  ],
  [
    "the same people named twice",
    { quorum: 2, approvers: [{ people: [ada] }, { people: [ada] }] },
    "error: quorum: found 2 for prod, and 1 approver is named there for NET-01; expected at most 1, or 1 more under approvers",
  ],
  [
    "escalation after expiry",
    { proposalHours: 8, escalation: { afterHours: 8, people: [ada] } },
    "error: escalation.afterHours: found 8; expected less than proposalHours, which is 8: a proposal would expire before anybody else is asked",
  ],
  [
    "enforce where people are asked all the same",
    { standards: [{ id: "NET-01", mode: "enforce" }] },
    "warning: standards[0].mode: found enforce for NET-01; its remedy can cut traffic, so people are asked all the same, but for what puts back a value that was read back before",
  ],
  [
    "a freeze of what is not enrolled",
    {
      subscriptions: [first!],
      freezes: [{ name: "f", subscriptions: [online], weekly: { days: ["sun"], from: "00:00", to: "00:00" } }],
    },
    `warning: freezes[0].subscriptions[0]: found ${online}, which is not enrolled: it holds nowhere`,
  ],
  [
    "text that shows something else",
    { teams: [{ id: "a", name: "evil\u202egnp.exe", owners: [ada] }] },
    "error: teams[0].name: found control characters or marks that turn the direction of text; expected plain text",
  ],
])("finds %s", (_, changes, message) => {
  expect(told(changes)).toContain(message);
});

it("names what differs by what identifies it", () => {
  const after = baseline({
    subscriptions: [{ id: corp, name: "corp", archetype: "corp", level: "enforce" }],
    quorums: { prod: 2 },
  });
  expect(differences(baseline(), { ...after, version: 9 })).toEqual([
    { path: "quorums.prod", before: null, after: 2 },
    { path: `subscriptions[${corp}].level`, before: "approve", after: "enforce" },
    { path: `subscriptions[${online}]`, before: baseline().subscriptions[1], after: null },
  ]);
  expect(differences(after, { ...after, subscriptions: after.subscriptions.toReversed() })).toEqual([]);
});
