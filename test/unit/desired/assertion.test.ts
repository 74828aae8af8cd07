import { describe, expect, it } from "vitest";
import { combine, type Assertion, type Authority } from "../../../shared/desired/assertion.ts";
import { compare, mergeField, patchBody } from "../../../shared/desired/compare.ts";

const standard = { kind: "standard", id: "NET-01", version: 1 } as const;
const other = { kind: "standard", id: "NET-02", version: 1 } as const;
const plan = { kind: "plan", id: "plan-1", version: 1 } as const;
const claim = { kind: "claim", id: "w-1", version: 1 } as const;

const path = "properties.publicNetworkAccess";

describe("assertions on one path", () => {
  it("let a live claim stand above the plan and the standard", () => {
    const list: Assertion[] = [
      { path, op: "set", value: "Disabled", authority: standard },
      { path, op: "set", value: "SecuredByPerimeter", authority: plan },
      { path, op: "set", value: "Enabled", authority: claim },
    ];
    expect(combine(list)).toEqual([{ kind: "scalar", path, value: "Enabled", authorities: [claim] }]);
  });

  it("name both standards when they demand different values", () => {
    const list: Assertion[] = [
      { path, op: "set", value: "Disabled", authority: standard },
      { path, op: "set", value: "Enabled", authority: other },
    ];
    expect(combine(list)).toMatchObject([{ kind: "conflict", authorities: [standard, other] }]);
  });

  it("unite lists, and say so when one rank includes what it excludes", () => {
    const ipRules = "properties.networkAcls.ipRules";
    const rule = { value: "203.0.113.7" };
    const include: Assertion = { path: ipRules, op: "include", value: [rule], authority: claim };
    const exclude: Assertion = { path: ipRules, op: "exclude", value: [rule], authority: standard };
    expect(combine([include, exclude])).toMatchObject([{ kind: "set", include: [rule], exclude: [] }]);
    expect(combine([{ ...include, authority: other }, exclude])).toMatchObject([{ kind: "conflict" }]);
  });

  it("intersect capacities, the plan choosing inside", () => {
    const capacity = "sku.capacity";
    const floor: Assertion = { path: capacity, op: "min", value: 10, authority: claim };
    const ceiling: Assertion = { path: capacity, op: "max", value: 50, authority: standard };
    const choice: Assertion = { path: capacity, op: "set", value: 30, authority: plan };
    expect(combine([floor, ceiling, choice])).toMatchObject([{ kind: "interval", min: 10, max: 50, choice: 30 }]);
    expect(combine([floor, { ...ceiling, value: 5 }])).toMatchObject([
      { kind: "conflict", reason: "no value is at least 10 and at most 5" },
    ]);
    expect(combine([floor, ceiling, { ...choice, value: 60 }])).toMatchObject([{ kind: "conflict" }]);
  });

  it("let a claim set what a ceiling of a standard forbids, and no other claim", () => {
    const capacity = "sku.capacity";
    const ceiling: Assertion = { path: capacity, op: "max", value: 50, authority: standard };
    const back: Assertion = { path: capacity, op: "set", value: 60, authority: claim };
    expect(combine([ceiling, back])).toEqual([{ kind: "scalar", path: capacity, value: 60, authorities: [claim] }]);
    const burst: Assertion = { path: capacity, op: "max", value: 55, authority: { ...claim, id: "w-2" } };
    expect(combine([ceiling, back, burst])).toMatchObject([
      { kind: "conflict", authorities: [claim, burst.authority] },
    ]);
  });
});

describe("a list that a claim puts back", () => {
  const list = "properties.networkAcls.ipRules";

  it("stands as it was, whatever a standard adds to it or takes from it", () => {
    const claim: Authority = { kind: "claim", id: "w-1", version: 1 };
    const back: Assertion = { path: list, op: "set", value: ["x"], authority: claim };
    for (const op of ["include", "exclude"] as const) {
      const demanded: Assertion = { path: list, op, value: ["y"], authority: standard };
      expect(combine([demanded, back])).toEqual([{ kind: "scalar", path: list, value: ["x"], authorities: [claim] }]);
      const more: Assertion = { path: list, op, value: ["z"], authority: { ...claim, id: "w-2" } };
      expect(combine([demanded, back, more])).toMatchObject([{ kind: "conflict" }]);
    }
  });
});

describe("desired against observed", () => {
  const demands = combine([
    { path, op: "set", value: "Disabled", authority: standard },
    { path: "sku.capacity", op: "max", value: 50, authority: standard },
    { path: "properties.networkAcls.ipRules", op: "exclude", value: ["x"], authority: standard },
  ]);

  it("finds nothing to do where it is so already", () => {
    const observed = {
      properties: { publicNetworkAccess: "Disabled", networkAcls: { ipRules: ["y"] } },
      sku: { capacity: 50 },
    };
    expect(compare(demands, observed)).toEqual([]);
  });

  it("changes exactly the fields that differ, nearest to what is there", () => {
    const observed = {
      properties: { publicNetworkAccess: "Enabled", other: 1, networkAcls: { ipRules: ["x", "y"] } },
      sku: { capacity: 80 },
    };
    const changes = compare(demands, observed);
    expect(changes.map(({ path: changed, before, after }) => [changed, before, after])).toEqual([
      ["properties.networkAcls.ipRules", ["x", "y"], ["y"]],
      [path, "Enabled", "Disabled"],
      ["sku.capacity", 80, 50],
    ]);
    expect(patchBody(changes)).toEqual({
      properties: { networkAcls: { ipRules: ["y"] }, publicNetworkAccess: "Disabled" },
      sku: { capacity: 50 },
    });
  });

  it("takes an absent field as null", () => {
    expect(compare(demands.slice(1, 2), {})).toMatchObject([{ path, before: null, after: "Disabled" }]);
  });
});

describe("three-way merge of a field", () => {
  it.each([
    ["nothing moved", "Enabled", "write"],
    ["it is right already", "Disabled", "done"],
    ["a third value is there", "SecuredByPerimeter", "moved"],
  ] as const)("when %s", (_name, now, verdict) => {
    expect(mergeField("Enabled", "Disabled", now)).toBe(verdict);
  });
});
