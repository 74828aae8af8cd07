import { expect, it } from "vitest";
import { digestOf } from "../../../shared/desired/digest.ts";
import { configKey } from "../../../shared/config/schema.ts";
import { digestSections, digestText, LINES_MAX } from "../../../shared/view/digestText.ts";
import { ann, bob, chain, claim, finding, held, proposal, quietDay, write } from "../../support/digestBench.ts";

it("tells a whole day", () => {
  const standard = { kind: "standard", id: "NET-01", version: 1 };
  const applied = { event: "applied", version: 4, by: ann, agreedBy: [bob], changed: 1 };
  const digest = digestOf({
    ...quietDay,
    config: { version: 4, paused: true },
    proposals: [
      ...Array.from({ length: 1_234 }, () => proposal("NET-01", "prod", { group: "NET-01.prod.v7" })),
      proposal("KEY-01", "test", { escalated: true, expiresAt: "2026-11-21T18:30:00.000Z" }),
    ],
    findings: [
      finding("NET-01", "prod", { since: "2026-11-20T20:00:00.000Z" }),
      finding("NET-01", "prod", { verdict: "unknown" }),
      finding("NET-01", "prod", { condition: held("Flapping"), changedBy: bob }),
    ],
    claims: [claim("2026-11-21T09:00:00.000Z", { id: "w-1" })],
    entries: [
      ...write("NET-01", [ann]),
      ...write("NET-01", []),
      ...chain(["claim", { event: "opened", standard, by: bob }]),
      ...chain(["void", { standard, environment: "prod", state: "expired", reason: "nobody decided in time" }]),
      ...chain(["configuration", applied, undefined, configKey]),
    ],
    pendingChanges: [{ id: "c-9", by: ann, expiresAt: "2026-11-23T08:00:00.000Z" }],
    problems: [{ reason: "SealLate", message: "Entries of the ledger wait for their seal." }],
    atLeast: ["findings", "entries"],
  });
  expect(digestText(digest)).toBe(`Steelyard, 2026-11-21: 2026-11-20 06:00 to 2026-11-21 06:00 UTC
Writing is paused by the operators.
There are more findings, ledger entries than one digest is made from: what is counted from them is at least this.

1,235 changes wait for approval
- KEY-01 (Title of KEY-01), test: 1 asked one by one, so since 2026-10-01 00:00, answer by 2026-11-21 18:30, 1 escalated
- NET-01 (Title of NET-01), prod: 1,234 in request NET-01.prod.v7, so since 2026-10-01 00:00, answer by 2026-11-23 08:00

1 change of the configuration waits for a second person
- c-9, proposed by ${ann}, answer by 2026-11-23 08:00

2 findings open, 1 new, 1 not known
- NET-01 (Title of NET-01), prod: 2 open, 1 new, 1 not known

1 held, by reason
- Flapping: 1, by ${bob}

2 changes written and read back
- NET-01 (Title of NET-01): 1 unasked, 1 agreed to, by ${ann}

1 change taken back
- NET-01 (Title of NET-01): 1, by ${bob}

1 waiver ends within a day
- 2026-11-21 09:00: w-1 on ${digest.waivers.items[0]?.target}, opened by ${ann}

1 proposal ended without a write: 1 expired
- NET-01 (Title of NET-01), prod: 1 expired, nobody decided in time

1 change of the configuration
- version 4: 1 value by ${ann}, agreed to by ${bob}

1 problem with Steelyard's own work
- SealLate: Entries of the ledger wait for their seal.
`);
});

it("says of a day without anything that there was nothing", () => {
  expect(digestText(digestOf(quietDay))).toBe(`Steelyard, 2026-11-21: 2026-11-20 06:00 to 2026-11-21 06:00 UTC
Nothing waits for approval, nothing was found or is open, and nothing was written.
`);
});

it("ends a long list with how many more there are", () => {
  const many = Array.from({ length: LINES_MAX + 1_234 }, (_, index) => finding("NET-01", `e${index}`));
  const digest = digestOf({ ...quietDay, findings: many });
  expect(digestText(digest).trimEnd().split("\n").at(-1)).toBe("- and 1,234 more");
  expect(digestSections(digest, 3)).toMatchObject([{ lines: { length: 3 }, more: many.length - 3 }]);
});
