/** The activity log: who did what, strictly asked for, the newest first, in pages. */
import { beforeEach, expect, test } from "vitest";
import { startMs } from "../support/engineContext.ts";
import {
  A,
  armRig,
  contributor,
  G,
  lockId,
  owner,
  product,
  reader,
  S,
  stranger,
  type ArmRig,
  type Told,
} from "../support/armRig.ts";
import { judged } from "../support/judgedRig.ts";

let rig: ArmRig;
const watched = judged();
beforeEach(() => {
  rig = watched(armRig({ nameOf: (oid) => (oid === owner.oid ? "Ada Lovelace" : undefined), pageSize: 2 }));
});

const pass = (ms: number): Promise<unknown> => rig.context.clock.step(rig.context.clock.now() + ms);
const events = (filter: string, more = "", as = owner): Told =>
  rig.ask("GET", `${S}/providers/Microsoft.Insights/eventtypes/management/values`, {
    as,
    query: `%24filter=${encodeURIComponent(filter)}${more}`,
  });
const since = `eventTimestamp ge '${new Date(startMs).toISOString()}'`;
const patch = (as = owner): Told => rig.ask("PATCH", A, { as, body: { tags: { a: "b" } } });

test("an event names who did what to which resource, and how it ended", async () => {
  const { headers } = patch();
  await pass(1000);
  rig.ask("PATCH", A, { as: product, body: { tags: { c: "d" } } });
  rig.ask("PATCH", A, { as: reader, body: { tags: {} } });
  rig.ask("PUT", lockId(A, "hold"), { body: { properties: { level: "ReadOnly" } } });
  patch(contributor);
  await pass(180_000);
  const all = events(since).body.value;
  expect(
    events(since).body.value.map((event: { caller: string; status: { value: string } }) => [
      event.caller,
      event.status.value,
    ]),
  ).toEqual([
    [`person.${contributor.oid.slice(-4)}@contoso.example`, "Failed"],
    ["ada.lovelace@contoso.example", "Succeeded"],
    [product.oid, "Succeeded"],
    ["ada.lovelace@contoso.example", "Succeeded"],
  ]);
  expect(all.at(3)).toMatchObject({
    caller: "ada.lovelace@contoso.example",
    claims: { "http://schemas.microsoft.com/identity/claims/objectidentifier": owner.oid },
    correlationId: headers["x-ms-correlation-request-id"],
    eventTimestamp: new Date(startMs).toISOString(),
    level: "Informational",
    operationName: { value: "Microsoft.CognitiveServices/accounts/write" },
    resourceId: A,
    resourceGroupName: "rg-Ada",
    resourceType: { value: "Microsoft.CognitiveServices/accounts" },
    authorization: { action: "Microsoft.CognitiveServices/accounts/write", scope: A },
  });
});

test("the end of a long-running operation is told, not its beginning", async () => {
  rig.arm.setActivityLag(0);
  rig.arm.setLatency({ patchAccountMs: 5000 });
  patch();
  expect(events(since).body.value).toEqual([]);
  await pass(5000);
  expect(events(since).body.value).toMatchObject([{ eventTimestamp: new Date(startMs + 5000).toISOString() }]);
});

test("filters hold to the forms of the service; select takes members", async () => {
  rig.arm.setActivityLag(0);
  patch();
  rig.ask("PUT", lockId(G, "hold"), { body: { properties: { level: "CanNotDelete" } } });
  const count = (filter: string): number => events(`${since} and ${filter}`).body.value.length;
  expect(count(`resourceUri eq '${A.toUpperCase()}'`)).toBe(1);
  expect(count("resourceGroupName eq 'RG-ada'")).toBe(2);
  expect(count("resourceProvider eq 'Microsoft.Authorization'")).toBe(1);
  expect(count("eventChannels eq 'Admin, Operation' and resourceType eq 'Microsoft.Authorization/locks'")).toBe(1);
  expect(events(since, "&$select=caller,%20status").body.value[0]).toEqual({
    caller: "ada.lovelace@contoso.example",
    status: { value: "Succeeded", localizedValue: "Succeeded" },
  });
  const refused = (filter: string, more = ""): string => {
    const { status, body } = events(filter, more);
    expect([status, body.code]).toEqual([400, "BadRequest"]);
    return body.message;
  };
  expect(refused("")).toContain("required");
  expect(refused("resourceGroupName eq 'x'")).toContain("eventTimestamp ge");
  expect(refused(`${since} and caller eq 'ada'`)).toContain("'caller eq 'ada'' is not supported");
  expect(refused(`${since} or resourceUri eq 'x'`)).toContain("not supported");
  expect(refused(`${since} and resourceUri eq 'x' and correlationId eq 'y'`)).toContain("takes one of");
  expect(refused("eventTimestamp ge 'yesterday'")).toContain("'yesterday'");
  expect(refused("eventTimestamp ge '2025-11-01'")).toContain("90 days");
  expect(refused(since, "&$select=color")).toContain("'color'");
  expect(events(since, "", stranger).body.error.code).toBe("AuthorizationFailed");
});

test("pages end, and new events don't move them", () => {
  rig.arm.setActivityLag(0);
  for (let index = 0; index < 9; index += 1) patch();
  const first = events(since).body;
  patch();
  const pages = [first.value.length];
  for (let next = first.nextLink as string | undefined; next !== undefined;) {
    const { pathname, search } = new URL(next);
    const told = rig.ask("GET", pathname + search);
    pages.push(told.body.value.length);
    next = told.body.nextLink;
  }
  expect(pages).toEqual([4, 4, 1]);
});
