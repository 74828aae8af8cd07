/**
 * The page on recorded accounts, computed again where the recordings lie beside the clone. New standards belong on it:
 * `STEELYARD_WRITE=1 npx vitest run test/repo/recordedAccounts.test.ts` writes its tables; what they mean is for people.
 */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { readJson } from "../../shared/audit/json.ts";
import { judgeStandards } from "../../shared/audit/judge.ts";
import { readResources } from "../../shared/audit/shapes.ts";
import { useStandard } from "../../shared/audit/used.ts";
import { verdicts as kinds, type Verdict } from "../../shared/audit/verdict.ts";
import { definitions } from "../../shared/standards/catalogue.ts";
import { standardSchema } from "../../shared/standards/definition.ts";

const page = resolve(import.meta.dirname, "../../docs/reference/recorded-accounts.md");
const recordings = resolve(import.meta.dirname, "../../../shared/data/arm-contract/recorded-sample.jsonl");
const isThere = existsSync(recordings);

/** Last part of the accounts' names, in the page's order. */
const names = ["cog-serv", "190357723522", "299295894134", "550249417109", "cogdeploy"];

function judged(): Verdict[] {
  const found = readResources(readJson(readFileSync(recordings, "utf8"), "recorded.jsonl"), { parameters: {} });
  const standards = definitions.map((item) => useStandard(standardSchema.parse(item), {}));
  const nowMs = Date.parse("2026-11-21T00:00:00Z");
  return judgeStandards(found, standards, {
    whereabouts: { config: undefined, archetype: "corp", environment: "prod", nowMs },
    isComplete: false,
    withPlan: false,
  });
}

const words = { fail: "fails", unknown: "unknown", pass: "passes", notApplicable: "not applicable" } as const;

/** One row for each verdict and reason. */
function tableOf(verdicts: readonly Verdict[]): string {
  const rows = kinds.flatMap((kind) => {
    const reasons = Map.groupBy(
      verdicts.filter(({ verdict }) => verdict === kind),
      ({ reason }) => reason,
    );
    return [...reasons].map(([reason, some]) => {
      const standards = some.map(({ standard }) => standard).join(", ");
      return `| ${words[kind]} | ${standards} | ${reason.replaceAll("|", "\\|")} |`;
    });
  });
  return ["| verdict | standards | why |", "|---|---|---|", ...rows].join("\n");
}

const block = (at: number): RegExp => new RegExp(`(<!-- account ${at} -->\n)([^]*?)(<!-- end -->)`);

describe.runIf(isThere)("the page on recorded accounts", () => {
  const all = isThere ? judged() : [];
  const own = names.map((name) => all.filter(({ resource }) => resource.endsWith(name)));

  it("has every account of the recordings, and of each what every standard says of it", () => {
    expect(own.flat()).toHaveLength(all.length);
    if (process.env["STEELYARD_WRITE"] !== undefined) {
      const text = own.reduce(
        (before, verdicts, at) => before.replace(block(at + 1), `$1\n${tableOf(verdicts)}\n\n$3`),
        readFileSync(page, "utf8"),
      );
      writeFileSync(page, text);
    }
    const text = readFileSync(page, "utf8");
    for (const [at, verdicts] of own.entries()) {
      const table =
        block(at + 1)
          .exec(text)?.[2]
          ?.trim() ?? "";
      const told = verdicts.filter(({ standard }) => new RegExp(`\\b${standard}\\b`).test(table));
      expect(table).toBe(tableOf(told));
      // What is unknown of one more standard can wait until the page is written anew; what it finds has to be explained.
      const untold = verdicts.filter((one) => !told.includes(one) && one.verdict !== "unknown");
      expect(untold.map(({ standard, verdict }) => `${standard} ${verdict}`)).toEqual([]);
    }
  });

  it("says unknown, neither pass nor fail, of accounts whose bodies were not recorded", () => {
    const [, ...unseen] = own;
    expect(unseen.map((verdicts) => verdicts.length > 20)).toEqual([true, true, true, true]);
    const others = unseen.flat().filter(({ verdict }) => verdict !== "unknown" && verdict !== "notApplicable");
    expect(others).toEqual([]);
  });
});

it("names nobody and no subscription on the page on recorded accounts", () => {
  expect(readFileSync(page, "utf8")).not.toMatch(/[0-9a-f]{8}-[0-9a-f]{4}-|@|cctest/i);
});
