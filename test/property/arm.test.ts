import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { matchesAction } from "../../infra/local/arm/actions.ts";
import { compileCondition } from "../../infra/local/arm/condition.ts";
import { parseTarget } from "../../infra/local/arm/target.ts";
import { A, accountId, armRig, G, guid, lockId, owner, S, type ArmRig } from "../support/armRig.ts";

const gpt4o = { format: "OpenAI", name: "gpt-4o", version: "2024-11-20" };
const runs = { numRuns: 60 };

const networkAcls = fc.record(
  {
    defaultAction: fc.constantFrom("Allow", "Deny"),
    bypass: fc.constantFrom("AzureServices", "None"),
    ipRules: fc.array(fc.record({ value: fc.ipV4() }), { maxLength: 3 }),
  },
  { requiredKeys: [] },
);
const settable = fc.record(
  {
    publicNetworkAccess: fc.constantFrom("Enabled", "Disabled"),
    disableLocalAuth: fc.boolean(),
    networkAcls,
    restrictOutboundNetworkAccess: fc.boolean(),
    allowedFqdnList: fc.array(fc.domain(), { maxLength: 3 }),
    dynamicThrottlingEnabled: fc.boolean(),
  },
  { requiredKeys: [] },
);
const tags = fc.dictionary(fc.stringMatching(/^[a-z]{1,8}$/), fc.string({ maxLength: 10 }), { maxKeys: 4 });

const skuOf = (one: { sku: string; capacity: number }): object => ({ name: one.sku, capacity: one.capacity });

/** Use is the sum of what is there and stays below the limit. */
function holds(rig: ArmRig): void {
  const usages = rig.ask("GET", `${S}/providers/Microsoft.CognitiveServices/locations/swedencentral/usages`).body.value;
  const there = rig.ask("GET", `${A}/deployments`).body.value;
  for (const { name, currentValue, limit } of usages) {
    const sum = there
      .filter((one: { sku: { name: string } }) => `OpenAI.${one.sku.name}.gpt-4o` === name.value)
      .reduce((total: number, one: { sku: { capacity: number } }) => total + one.sku.capacity, 0);
    expect([name.value, currentValue]).toEqual([name.value, sum]);
    expect(currentValue).toBeLessThanOrEqual(limit);
  }
}

/** Naive and independent: tries every split at each star. */
function naive(pattern: string, action: string): boolean {
  if (pattern === "") return action === "";
  if (pattern[0] !== "*") {
    return action !== "" && pattern[0] === action[0] && naive(pattern.slice(1), action.slice(1));
  }
  for (let at = 0; at <= action.length; at += 1) if (naive(pattern.slice(1), action.slice(at))) return true;
  return false;
}

const play = (): unknown[] => {
  const rig = armRig();
  const body = { location: "swedencentral", kind: "OpenAI", sku: { name: "S0" }, properties: {} };
  return [
    rig.ask("PUT", accountId("again"), { body }),
    rig.ask("GET", A),
    rig.ask("POST", `${A}/regenerateKey`, { as: owner, body: { keyName: "Key1" } }),
  ];
};

describe("an account", () => {
  test("after a PATCH has what was named and all else as before; the same PATCH again changes only ETag and dates", () => {
    fc.assert(
      fc.property(settable, settable, (first, second) => {
        const rig = armRig();
        rig.ask("PATCH", A, { body: { properties: first } });
        const before = rig.ask("GET", A).body;
        const after = rig.ask("PATCH", A, { body: { properties: second } }).body;
        expect(after.properties).toEqual({ ...before.properties, ...JSON.parse(JSON.stringify(second)) });
        const again = rig.ask("PATCH", A, { body: { properties: second } }).body;
        expect([again.properties, again.tags, again.identity]).toEqual([after.properties, after.tags, after.identity]);
        expect(new Set([before.etag, after.etag, again.etag]).size).toBe(3);
      }),
      runs,
    );
  });

  test("takes the body of any GET back in a PUT and is then the same", () => {
    fc.assert(
      fc.property(settable, tags, (properties, given) => {
        const rig = armRig();
        rig.ask("PATCH", A, { body: { properties, tags: given } });
        const before = rig.ask("GET", A).body;
        const { status, body: after } = rig.ask("PUT", A, { body: before });
        expect(status).toBe(200);
        expect([after.properties, after.tags, after.identity, after.sku]).toEqual([
          before.properties,
          before.tags,
          before.identity,
          before.sku,
        ]);
      }),
      runs,
    );
  });
});

describe("whatever is asked", () => {
  const capacity = fc.integer({ min: -5, max: 120 });
  const sku = fc.constantFrom("Standard", "GlobalStandard", "Nonsense");
  const name = fc.constantFrom("chat", "two", "three");
  const step = fc.oneof(
    fc.record({ kind: fc.constant("put" as const), name, sku, capacity }),
    fc.record({ kind: fc.constant("patch" as const), name, sku, capacity }),
    fc.record({ kind: fc.constant("delete" as const), name }),
    fc.record({ kind: fc.constant("lock" as const), on: fc.boolean() }),
    fc.record({ kind: fc.constant("time" as const), ms: fc.integer({ min: 0, max: 3000 }) }),
    fc.record({ kind: fc.constant("latency" as const), ms: fc.constantFrom(0, 1500) }),
  );
  type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

  test("quota is never exceeded, use is the sum of what is there, and a refusal changes nothing", async () => {
    expect.hasAssertions();
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 25 }), async (steps) => {
        const rig = armRig();
        for (const one of steps) {
          const before = rig.arm.state();
          const status = await take(rig, one);
          const after = rig.arm.state();
          expect(status >= 400 ? after : before).toEqual(before);
          holds(rig);
        }
      }),
      runs,
    );
  });

  async function take(rig: ArmRig, one: Step): Promise<number> {
    const path = "name" in one ? `${A}/deployments/${one.name}` : A;
    switch (one.kind) {
      case "put":
        return rig.ask("PUT", path, { body: { sku: skuOf(one), properties: { model: gpt4o } } }).status;
      case "patch":
        return rig.ask("PATCH", path, { body: { sku: skuOf(one) } }).status;
      case "delete":
        return rig.ask("DELETE", path).status;
      case "lock": {
        const body = { properties: { level: "CanNotDelete" } };
        return rig.ask(one.on ? "PUT" : "DELETE", lockId(G, "l"), one.on ? { body } : {}).status;
      }
      case "time": {
        const until = rig.context.clock.now() + one.ms;
        while ((await rig.context.clock.step(until)) !== undefined);
        return 0;
      }
      case "latency":
        rig.arm.setLatency({ putDeploymentMs: one.ms, deleteDeploymentMs: one.ms });
        return 0;
    }
  }
});

describe("strictness", () => {
  test("any member that the schema doesn't know is refused with its path, wherever it is", () => {
    const places = [[], ["properties"], ["properties", "networkAcls"], ["sku"], ["identity"]];
    fc.assert(
      fc.property(
        fc.constantFrom(...places),
        fc.stringMatching(/^[a-z]{3,12}Zq$/),
        fc.jsonValue(),
        (place, name, value) => {
          const rig = armRig();
          const body: Record<string, unknown> = { sku: { name: "S0" } };
          let at = body;
          for (const part of place) at = (at[part] ??= {}) as Record<string, unknown>;
          at[name] = value;
          const told = rig.ask("PATCH", A, { body });
          expect([told.status, told.body.error.code]).toEqual([400, "InvalidRequestContent"]);
          expect(told.body.error.message).toContain(`Path '${[...place, name].join(".")}'`);
        },
      ),
      runs,
    );
  });

  test("no path and no body is answered by a defect", () => {
    const rig = armRig({
      tokenBuckets: { reads: { size: 1e6, refillPerSecond: 1 }, writes: { size: 1e6, refillPerSecond: 1 } },
    });
    const part = fc.constantFrom(
      "",
      "subscriptions",
      S.slice(15),
      "resourceGroups",
      "rg-ada",
      "providers",
      "x",
      "accounts",
      "%2F",
      "Microsoft.CognitiveServices",
      "Microsoft.Authorization",
      "locks",
      "roleAssignments",
      guid(5),
      "%",
    );
    fc.assert(
      fc.property(
        fc.array(part, { maxLength: 12 }),
        fc.constantFrom("GET", "PUT", "PATCH", "DELETE", "POST", "TRACE"),
        fc.jsonValue(),
        (parts, method, body) => {
          const { status, body: answer } = rig.ask(method, `/${parts.join("/")}`, { version: "2025-09-01", body });
          expect(status).toBeGreaterThanOrEqual(200);
          expect(status).toBeLessThan(500);
          expect(status < 400 || typeof answer.error.code === "string").toBe(true);
        },
      ),
      { numRuns: 500 },
    );
  });
});

describe("paths", () => {
  test("name the same resource in every spelling", () => {
    const name = fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9_.-]{1,20}$/);
    fc.assert(
      fc.property(name, fc.infiniteStream(fc.boolean()), (account, flips) => {
        const path = accountId(account);
        const mixed = Array.from(path, (c) => (flips.next().value === true ? c.toUpperCase() : c.toLowerCase())).join(
          "",
        );
        const expected = path.toLowerCase();
        for (const spelt of [mixed, `/${mixed}`, `${mixed}/`, `/${encodeURIComponent(mixed)}`]) {
          expect(parseTarget("GET", spelt)).toMatchObject({
            lowerPath: expected,
            collection: false,
            action: undefined,
          });
        }
      }),
    );
  });
});

describe("action patterns", () => {
  test("match as the naive reading does, without regard to case", () => {
    const letters = fc.constantFrom("a", "B", "/", ".", "r");
    const pattern = fc.array(fc.oneof(letters, fc.constant("*")), { maxLength: 7 }).map((parts) => parts.join(""));
    const action = fc.array(letters, { maxLength: 7 }).map((parts) => parts.join(""));
    fc.assert(
      fc.property(pattern, action, (p, a) => {
        expect(matchesAction(p, a)).toBe(naive(p.toLowerCase(), a.toLowerCase()));
      }),
      { numRuns: 2000 },
    );
  });
});

describe("conditions", () => {
  interface Tree {
    readonly text: string;
    readonly value: boolean;
  }
  const point = {
    action: "Microsoft.Authorization/roleAssignments/write",
    request: { roleDefinitionId: guid(1), principalId: guid(2), principalType: "User" },
  };
  const attribute = "@Request[Microsoft.Authorization/roleAssignments";
  const leaf = fc.constantFrom<Tree>(
    { text: "ActionMatches{'Microsoft.Authorization/roleAssignments/write'}", value: true },
    { text: "ActionMatches{'*/delete'}", value: false },
    { text: `${attribute}:RoleDefinitionId] ForAnyOfAnyValues:GuidEquals {${guid(1)}, ${guid(3)}}`, value: true },
    { text: `${attribute}:RoleDefinitionId] ForAnyOfAllValues:GuidNotEquals {${guid(3)}, ${guid(1)}}`, value: false },
    { text: `${attribute}:PrincipalId] GuidNotEquals ${guid(3)}`, value: true },
    { text: `${attribute}:PrincipalType] StringEqualsIgnoreCase 'USER'`, value: true },
    { text: `@Resource[Microsoft.Authorization/roleAssignments:PrincipalId] GuidEquals ${guid(2)}`, value: false },
  );
  const { tree } = fc.letrec<{ tree: Tree }>((tie) => ({
    tree: fc.oneof(
      { maxDepth: 5, withCrossShrink: true },
      leaf,
      tie("tree").map(({ text, value }) => ({ text: `!(${text})`, value: !value })),
      fc.tuple(tie("tree"), tie("tree"), fc.boolean(), fc.boolean()).map(([a, b, and, word]) => ({
        text: `((${a.text}) ${and ? (word ? "AND" : "&&") : word ? "OR" : "||"}\n (${b.text}))`,
        value: and ? a.value && b.value : a.value || b.value,
      })),
    ),
  }));

  test("are true when they should be", () => {
    fc.assert(
      fc.property(tree, ({ text, value }) => {
        expect(compileCondition(text)(point)).toBe(value);
      }),
      { numRuns: 500 },
    );
  });

  test("are refused where they are cut off", () => {
    fc.assert(
      fc.property(tree, fc.integer({ min: 1, max: 10 }), ({ text }, cut) => {
        const short = text.slice(0, -cut);
        expect(() => compileCondition(short.endsWith("Microsoft") ? "" : `(${short}`)).toThrow(/./);
      }),
      { numRuns: 200 },
    );
  });
});

test("business time alone moves operations, and the same seed gives the same answers", () => {
  expect(play()).toEqual(play());
});
