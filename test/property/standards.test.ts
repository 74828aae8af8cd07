import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { combine } from "../../shared/desired/assertion.ts";
import { compare, valueAt, type Body } from "../../shared/desired/compare.ts";
import type { Judgement } from "../../shared/desired/judgement.ts";
import { parseAccount } from "../../shared/estate/account.ts";
import { memberKindOf } from "../../shared/estate/member.ts";
import type { ResourceId } from "../../shared/estate/resourceId.ts";
import { memberKinds, type Resource, type Sight, type Source } from "../../shared/estate/sight.ts";
import type { Json } from "../../shared/kernel/canonicalJson.ts";
import { definitions } from "../../shared/standards/catalogue.ts";
import { compileStandard, standardSchema, type JudgedPlace } from "../../shared/standards/definition.ts";
import { given, nowMs } from "../support/judgedBodies.ts";
import { resource, sights } from "../support/judgedSights.ts";

const places: fc.Arbitrary<JudgedPlace> = fc.record({
  archetype: fc.constantFrom("corp", "online"),
  environment: fc.constantFrom("prod", "dev"),
  subscriptionEnvironment: fc.constantFrom("prod", "sandbox", undefined),
  nowMs: fc.constant(nowMs),
});

const standards = definitions.map((input) => {
  const definition = standardSchema.parse(input);
  return [definition.id, definition, compileStandard(input, given[definition.id])] as const;
});

/** Body of what the remedy writes; empty where it is not there. */
function bodyAt({ account: { address, body: own }, members }: Sight, id: ResourceId): Body {
  if (id === address.id) return own;
  const all = memberKinds.flatMap((kind) => (members[kind] ?? []) as readonly Resource[]);
  return all.find((one) => one.id === id)?.body ?? {};
}

/** The sight after what is demanded was written, as the product would, and how many fields that changed. */
function remedied(sight: Sight, { remedyTarget, assertions }: Judgement): { sight: Sight; changed: number } {
  const before = bodyAt(sight, remedyTarget);
  const changes = compare(combine(assertions), before);
  let after = before;
  for (const { path, after: value } of changes) after = withValue(after, spelled(after, path), value);
  return { sight: withBody(sight, remedyTarget, after), changed: changes.length };
}

/** Names of tags are one whatever their case, and the spelling that is there stays. */
function spelled({ tags }: Body, path: string): readonly string[] {
  const [root, name = ""] = path.split(".");
  const known = Object.keys((tags ?? {}) as Body).find((one) => one.toLowerCase() === name.toLowerCase());
  return root === "tags" ? ["tags", known ?? name] : path.split(".");
}

function withValue(node: Json | undefined, [key, ...rest]: readonly string[], value: Json): Body {
  const members = typeof node === "object" && node !== null && !Array.isArray(node) ? (node as Body) : {};
  if (key === undefined) return members;
  return { ...members, [key]: rest.length === 0 ? value : withValue(members[key], rest, value) };
}

function withBody(sight: Sight, id: ResourceId, after: Body): Sight {
  if (id === sight.account.address.id)
    return { ...sight, account: { ...parseAccount(after), createdAt: sight.account.createdAt, body: after } };
  const members = Object.fromEntries(
    memberKinds.map((kind) => {
      const known = (sight.members[kind] ?? []) as readonly Resource[];
      const made = memberKindOf(sight.account.address.id, id) === kind && !known.some((one) => one.id === id);
      const all = made ? [...known, resource(kind, id.split("/").at(-1)!, {})] : known;
      return [kind, all.map((one) => (one.id === id ? { ...one, body: { ...one.body, ...after } } : one))];
    }),
  );
  return { ...sight, members };
}

type Standard = (typeof standards)[number];

/** What was seen of a standard, so that none passes because nothing concerned it. */
const tally = () => ({ pass: 0, fail: 0, unknown: 0, notApplicable: 0, fixed: 0 });

/** What is wrong with a standard's verdicts there: nothing, or what should not be so. */
function faultsOf([id, { remedy }, standard]: Standard, sight: Sight, place: JudgedPlace, seen: Seen): string[] {
  const judgements = standard.judge(sight, place);
  const faults: string[] = [];
  const check = (isRight: boolean, fault: string): void => {
    if (!isRight) faults.push(`${id}: ${fault}`);
  };
  check(new Set(judgements.map(({ target }) => target)).size === judgements.length, "two verdicts on one target");
  check(!JSON.stringify(judgements.map(({ reason, unmet }) => [reason, unmet])).includes("@"), "an address is told");
  const declared = new Set((remedy?.assertions ?? []).map(({ path }) => path.toLowerCase()));
  for (const judgement of judgements) {
    const { verdict, target, assertions, unmet } = judgement;
    seen[verdict] += 1;
    check(
      assertions.every(({ path }) => declared.has(path.toLowerCase())),
      "more is demanded than is declared",
    );
    check(
      combine(assertions).every(({ kind }) => kind !== "conflict"),
      "what is demanded contradicts itself",
    );
    const { sight: after, changed } = remedied(sight, judgement);
    check(verdict === "fail" || changed === 0, "what passes is changed");
    check(verdict === "fail" || unmet === undefined, "something stands against a remedy of what passes");
    check(verdict !== "fail" || assertions.length > 0 || typeof unmet === "string", "nobody is told what to do");
    if (verdict !== "fail" || assertions.length === 0) continue;
    const again = standard.judge(after, place).find((one) => one.target === target);
    check(again?.verdict === "pass", `${again?.verdict} after the remedy: ${again?.reason}`);
    check(changed > 0, "it fails, and the remedy changes nothing");
    check(again !== undefined && remedied(after, again).changed === 0, "the remedy changes something twice");
    seen.fixed += 1;
  }
  return faults;
}

type Seen = ReturnType<typeof tally>;

describe("every standard", () => {
  it("gives each target one verdict that holds no address, and a remedy that makes it pass by what it declares alone", () => {
    const seen = new Map(standards.map(([id]) => [id, tally()]));
    fc.assert(
      fc.property(sights, places, (sight, place) => {
        expect(standards.flatMap((standard) => faultsOf(standard, sight, place, seen.get(standard[0])!))).toEqual([]);
      }),
      { numRuns: 300 },
    );
    const unseen = standards.filter(([id, { remedy }]) => {
      const { pass, fail, fixed } = seen.get(id)!;
      return pass === 0 || fail === 0 || (remedy !== undefined && fixed === 0);
    });
    expect(unseen.map(([id]) => ({ id, ...seen.get(id) }))).toEqual([]);
  });

  it("does not know what it could not read, whatever else it sees", () => {
    const unread = { unread: "TooManyRequests" };
    const blinded = (sight: Sight, source: Source): Sight =>
      source === "principals"
        ? { ...sight, principals: unread }
        : { ...sight, members: { ...sight.members, [source]: unread } };
    fc.assert(
      fc.property(sights, places, (sight, place) => {
        const known = standards.flatMap(([id, , standard]) =>
          standard.sources
            .filter((source) => {
              const verdicts = standard.judge(blinded(sight, source), place).map(({ verdict }) => verdict);
              return verdicts.some((verdict) => verdict === "pass" || verdict === "fail");
            })
            .map((source) => `${id} without ${source}`),
        );
        expect(known).toEqual([]);
      }),
      { numRuns: 100 },
    );
  });
});

it("never gives up on what an estate may hold", () => {
  const junk = fc.dictionary(fc.constantFrom("properties", "tags", "sku", "name", "identity", "kind"), fc.jsonValue());
  let judged = 0;
  fc.assert(
    fc.property(sights, junk, places, (sight, made, place) => {
      const mangled: Sight = {
        ...sight,
        account: { ...sight.account, body: { ...sight.account.body, ...(made as Body) } },
        members: Object.fromEntries(
          memberKinds.map((kind) => [
            kind,
            ((sight.members[kind] ?? []) as Resource[]).map((one) => ({
              ...one,
              body: { ...one.body, ...(made as Body) },
            })),
          ]),
        ),
      };
      for (const [, , standard] of standards) judged += standard.judge(mangled, place).length;
      return valueAt(mangled.account.body, "id") !== undefined;
    }),
    { numRuns: 300 },
  );
  expect(judged).toBeGreaterThan(300);
});
