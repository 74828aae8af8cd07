import { describe, expect, it } from "vitest";
import { enrolled, refusedEnrolment, withdrawn } from "../../../shared/config/enrolment.ts";
import { configSchema } from "../../../shared/config/schema.ts";
import { ada, baseline, ben, cleo, corp, online } from "../../support/configurationBench.ts";

const config = baseline({
  teams: [
    { id: "search", name: "Search", owners: [ben] },
    { id: "legal", name: "Legal", owners: [cleo] },
  ],
  subscriptions: baseline().subscriptions.map((item) => (item.id === corp ? { ...item, team: "search" } : item)),
});

describe("an enrolment", () => {
  it("changes what it says and leaves the rest", () => {
    const next = configSchema.parse(enrolled(config, corp, { level: "audit" }));
    expect(next.subscriptions[0]).toEqual({
      id: corp,
      name: "corp",
      archetype: "corp",
      level: "audit",
      team: "search",
    });
    expect(next.subscriptions).toHaveLength(2);
  });

  it("of a new subscription needs its name and archetype", () => {
    const fresh = "5b000000-0000-4000-8000-000000000009";
    expect(() => configSchema.parse(enrolled(config, fresh, { level: "audit" }))).toThrow(/archetype/);
    const next = configSchema.parse(enrolled(config, fresh, { level: "audit", name: "new", archetype: "corp" }));
    expect(next.subscriptions.map(({ id }) => id)).toEqual([corp, online, fresh]);
    expect(withdrawn(next, fresh).subscriptions).toEqual(config.subscriptions);
  });
});

describe("who may enrol", () => {
  const owner = { oid: ben, isAdmin: false };
  it.each([
    ["an admin anywhere", { oid: ada, isAdmin: true }, online, { level: "enforce", archetype: "corp" }, /^allowed$/],
    ["an owner, to another level", owner, corp, { level: "enforce" }, /^allowed$/],
    ["an owner, withdrawing", owner, corp, {}, /^allowed$/],
    ["an owner, saying what is so already", owner, corp, { archetype: "corp", team: "search" }, /^allowed$/],
    ["an owner, to another archetype", owner, corp, { archetype: "online" }, /change the archetype/],
    ["an owner, to another environment", owner, corp, { environment: "dev" }, /change the environment/],
    ["an owner, for another team", owner, corp, { team: "legal" }, /change the team/],
    [
      "an owner of another team",
      { oid: cleo, isAdmin: false },
      corp,
      { level: "audit" },
      /owner of the subscription's team/,
    ],
    ["an owner where no team owns", owner, online, { level: "audit" }, /owner of the subscription's team/],
    ["an owner of what is not enrolled", owner, "5b000000-0000-4000-8000-000000000009", { team: "search" }, /owner of/],
  ] as const)("%s", (_, asker, id, enrolment, refused) => {
    expect(refusedEnrolment(config, id, asker, enrolment) ?? "allowed").toMatch(refused);
  });
});
