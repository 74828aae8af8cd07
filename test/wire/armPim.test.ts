/** PIM: what is granted begins and ends in business time, an ordinary role assignment in between; policy comes after. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeEach, describe, expect, test } from "vitest";
import { startMs } from "../support/engineContext.ts";
import {
  A,
  accountId,
  armRig,
  askArm,
  assignmentId,
  G,
  guid,
  lockId,
  owner,
  product,
  roles,
  S,
  stranger,
  type ArmRig,
  type Ask,
  type Told,
} from "../support/armRig.ts";
import { judged } from "../support/judgedRig.ts";

let rig: ArmRig;
const watched = judged();
beforeEach(() => {
  rig = watched(armRig());
});

const HOUR = 3_600_000;
const iso = (ms: number): string => new Date(ms).toISOString();
const pass = async (ms: number): Promise<void> => {
  const until = rig.context.clock.now() + ms;
  while ((await rig.context.clock.step(until)) !== undefined);
};
const at = (kind: string, scope = A): string => `${scope}/providers/Microsoft.Authorization/${kind}`;
const definition = (role: string): string => `${S}/providers/Microsoft.Authorization/roleDefinitions/${role}`;
const put = (properties: object, more: Ask & { name?: string; kind?: string; scope?: string } = {}): Told =>
  rig.ask("PUT", `${at(more.kind ?? "roleAssignmentScheduleRequests", more.scope)}/${more.name ?? guid(70)}`, {
    ...more,
    body: {
      properties: {
        principalId: stranger.oid,
        roleDefinitionId: definition(roles.reader),
        requestType: "AdminAssign",
        justification: "incident 7",
        ...properties,
      },
    },
  });
const lasting = (duration: string, startDateTime?: string): object => ({
  scheduleInfo: {
    ...(startDateTime === undefined ? {} : { startDateTime }),
    expiration: { type: "AfterDuration", duration },
  },
});
const reads = (): boolean => rig.ask("GET", A, { as: stranger }).status === 200;
const list = (kind: string, query?: string): { name: string; properties: Record<string, unknown> }[] =>
  rig.ask("GET", at(kind), query === undefined ? {} : { query }).body.value;
const mine = `$filter=principalId eq '${stranger.oid}'`;

describe("an assignment", () => {
  test("holds from its request to its end, without anybody asking", async () => {
    const { status, body } = put(lasting("PT1H"));
    expect([status, body.properties.status, body.type]).toEqual([
      201,
      "Provisioned",
      "Microsoft.Authorization/RoleAssignmentScheduleRequests",
    ]);
    expect(reads()).toBe(true);
    expect(list("roleAssignmentScheduleInstances", mine)).toMatchObject([
      {
        properties: {
          startDateTime: iso(startMs),
          endDateTime: iso(startMs + HOUR),
          assignmentType: "Assigned",
          originRoleAssignmentId: expect.stringContaining("/roleAssignments/"),
          expandedProperties: { roleDefinition: { displayName: "Reader" } },
        },
      },
    ]);
    expect(rig.changes.map(({ operationName, caller }) => [operationName, caller.oid === owner.oid])).toEqual([
      ["Microsoft.Authorization/roleAssignmentScheduleRequests/write", true],
      ["Microsoft.Authorization/roleAssignments/write", false],
    ]);
    await pass(HOUR - 1);
    expect(reads()).toBe(true);
    await pass(1);
    expect(rig.changes.at(-1)).toMatchObject({ operationName: "Microsoft.Authorization/roleAssignments/delete" });
    expect([reads(), list("roleAssignmentSchedules", mine)]).toEqual([false, []]);
  });

  test("begins when it is to, and can be canceled until then", async () => {
    const later = iso(startMs + HOUR);
    expect(put(lasting("PT1H", later)).body.properties.status).toBe("Granted");
    expect(put(lasting("PT1H", later), { name: guid(71), scope: G }).status).toBe(201);
    expect([
      reads(),
      list("roleAssignmentScheduleInstances", mine),
      list("roleAssignmentSchedules", mine),
    ]).toMatchObject([false, [], [{ properties: { scope: G } }, { properties: { scope: A, startDateTime: later } }]]);
    expect(rig.ask("POST", `${at("roleAssignmentScheduleRequests")}/${guid(70)}/cancel`).status).toBe(200);
    expect(rig.ask("POST", `${at("roleAssignmentScheduleRequests")}/${guid(70)}/cancel`).status).toBe(400);
    await pass(HOUR);
    expect(reads()).toBe(true);
    expect(list("roleAssignmentScheduleInstances", mine)).toMatchObject([{ properties: { scope: G } }]);
  });

  test("is ended early, and its end moved, by administrators", async () => {
    put(lasting("PT1H"));
    put({ requestType: "AdminExtend", ...lasting("PT3H") }, { name: guid(71) });
    await pass(2 * HOUR);
    expect(reads()).toBe(true);
    expect(put({ requestType: "AdminRemove" }, { name: guid(72) }).body.properties.status).toBe("Revoked");
    expect(reads()).toBe(false);
    expect(put({ requestType: "AdminRemove" }, { name: guid(73) }).body.error.code).toBe("RoleAssignmentDoesNotExist");
  });

  test("outlives a lock that stops its removal, and says so", async () => {
    put(lasting("PT1H"));
    rig.ask("PUT", lockId(A, "hold"), { body: { properties: { level: "CanNotDelete" } } });
    await pass(HOUR);
    expect(reads()).toBe(true);
    expect(rig.ask("GET", `${at("roleAssignmentScheduleRequests")}/${guid(70)}`).body.properties.status).toBe(
      "FailedAsResourceIsLocked",
    );
    const removal = put({ requestType: "AdminRemove" }, { name: guid(71) });
    expect(removal.body.properties.status).toBe("FailedAsResourceIsLocked");
    rig.ask("DELETE", lockId(A, "hold"));
    expect(put({ requestType: "AdminRemove" }, { name: guid(72) }).body.properties.status).toBe("Revoked");
    expect(reads()).toBe(false);
  });

  test("survives the removal of its account and a leap of time", async () => {
    rig.arm.setLatency({ createAccountMs: 0 });
    const account = accountId("oai-gone");
    rig.ask("PUT", account, {
      body: { location: "swedencentral", kind: "OpenAI", sku: { name: "S0" }, properties: {} },
    });
    put(lasting("PT1H"), { scope: account });
    rig.ask("DELETE", account);
    put(lasting("PT1H", iso(startMs + HOUR)), { name: guid(71) });
    rig.context.clock.setNow(startMs + 10 * HOUR);
    expect(reads()).toBe(false);
    expect(rig.changes.slice(-2).map(({ operationName, atMs }) => [operationName, atMs - startMs])).toEqual([
      ["Microsoft.Authorization/roleAssignments/write", HOUR],
      ["Microsoft.Authorization/roleAssignments/delete", 2 * HOUR],
    ]);
  });
});

test("a restart loses neither what is granted nor what was done", async () => {
  const dataDir = await mkdtemp(join(tmpdir(), "steelyard-pim-"));
  try {
    const first = armRig({ context: { dataDir } });
    rig = first;
    put(lasting("PT1H"));
    await first.arm.stop();
    const { clock } = first.context;
    const { arm } = armRig({ context: { dataDir, clock }, seed: false });
    rig = { ...first, arm, ask: (method, path, ask) => askArm(arm, method, path, ask) };
    expect(reads()).toBe(true);
    clock.setNow(startMs + HOUR);
    expect(reads()).toBe(false);
    arm.setActivityLag(0);
    const filter = encodeURIComponent(`eventTimestamp ge '${iso(startMs)}'`);
    const log = rig.ask("GET", `${S}/providers/Microsoft.Insights/eventtypes/management/values`, {
      query: `$filter=${filter}&$select=operationName`,
    });
    const names = log.body.value.map((one: { operationName: { value: string } }) => one.operationName.value);
    expect(names).toEqual([
      "Microsoft.Authorization/roleAssignments/delete",
      "Microsoft.Authorization/roleAssignments/write",
      "Microsoft.Authorization/roleAssignmentScheduleRequests/write",
    ]);
    await arm.stop();
  } finally {
    await rm(dataDir, { recursive: true, force: true });
  }
});

describe("a request", () => {
  const refused = (told: Told): unknown => [told.status, told.body.error.code, told.body.error.message];
  const failed = (...rules: string[]): unknown => [
    400,
    "RoleAssignmentRequestPolicyValidationFailed",
    `The following policy rules failed: ${JSON.stringify(rules)}`,
  ];

  test("is held to the role's policy", () => {
    expect(refused(put({}))).toEqual(failed("ExpirationRule"));
    expect(refused(put({ justification: "", ...lasting("P200D") }))).toEqual(
      failed("ExpirationRule", "JustificationRule"),
    );
    expect(refused(put(lasting("PT4M")))).toMatchObject([400, "ActiveDurationTooShort", expect.any(String)]);
    expect(put({}, { kind: "roleEligibilityScheduleRequests" }).status).toBe(201);
    rig.arm.setPimRules({ assignmentMaxMs: HOUR });
    expect(refused(put(lasting("PT2H"), { name: guid(71) }))).toEqual(failed("ExpirationRule"));
  });

  test("is refused where it can't be, and names are used once", () => {
    rig.ask("PUT", assignmentId(A, guid(80)), {
      body: {
        properties: { principalId: stranger.oid, roleDefinitionId: definition(roles.reader), principalType: "User" },
      },
    });
    expect(refused(put(lasting("PT1H")))).toMatchObject([409, "RoleAssignmentExists", expect.any(String)]);
    rig.ask("DELETE", assignmentId(A, guid(80)));
    expect(put(lasting("PT1H")).status).toBe(201);
    expect(put({ principalId: guid(91), ...lasting("PT1H") }).body.error.code).toBe("RoleAssignmentRequestExists");
    expect(put({ requestType: "SelfRenew", ...lasting("PT1H") }, { name: guid(71) }).status).toBe(400);
    expect(put(lasting("PT1H"), { name: "seventy" }).status).toBe(400);
    expect(put({ surprise: 1, ...lasting("PT1H") }, { name: guid(71) }).body.error.code).toBe("InvalidRequestContent");
    expect(put(lasting("PT1H"), { name: guid(71), as: product }).status).toBe(403);
  });

  test("is validated without effect", () => {
    const validate = (properties: object): Told =>
      rig.ask("POST", `${at("roleAssignmentScheduleRequests")}/${guid(70)}/validate`, {
        body: {
          properties: {
            principalId: stranger.oid,
            roleDefinitionId: definition(roles.reader),
            requestType: "AdminAssign",
            ...properties,
          },
        },
      });
    expect(refused(validate(lasting("PT1H")))).toEqual(failed("JustificationRule"));
    expect(validate({ justification: "x", ...lasting("PT1H") }).status).toBe(200);
    expect([reads(), list("roleAssignmentScheduleRequests")]).toEqual([false, []]);
  });

  test("of an eligible person activates, for a while, and is given back", async () => {
    const self = (requestType: string, name: string, more: object = {}): Told =>
      put({ requestType, ...more }, { as: stranger, name });
    expect(refused(self("SelfActivate", guid(70), lasting("PT1H")))).toEqual(failed("EligibilityRule"));
    expect(put(lasting("P30D"), { kind: "roleEligibilityScheduleRequests", scope: G }).body.properties.status).toBe(
      "Provisioned",
    );
    expect(reads()).toBe(false);
    expect(refused(self("SelfActivate", guid(70), lasting("PT9H")))).toEqual(failed("ExpirationRule"));
    expect(self("SelfActivate", guid(70), lasting("PT8H")).status).toBe(201);
    expect(reads()).toBe(true);
    expect(list("roleAssignmentSchedules", mine)).toMatchObject([{ properties: { assignmentType: "Activated" } }]);
    expect(self("SelfDeactivate", guid(71)).body.error.code).toBe("ActiveDurationTooShort");
    await pass(5 * 60_000);
    expect(self("SelfDeactivate", guid(71)).status).toBe(201);
    expect(reads()).toBe(false);
    expect(
      put({ principalId: guid(90), requestType: "SelfActivate", ...lasting("PT1H") }, { as: stranger, name: guid(72) })
        .status,
    ).toBe(403);
    const own = rig.ask("GET", at("roleEligibilityScheduleInstances"), { as: stranger, query: "$filter=asTarget()" });
    expect([own.status, own.body.value.length]).toEqual([200, 1]);
    expect(rig.ask("GET", at("roleEligibilitySchedules"), { as: stranger }).status).toBe(403);
  });
});

describe("policy exemptions", () => {
  const policy = `${S}/providers/Microsoft.Authorization/policyAssignments/no-public`;
  const exemption = at("policyExemptions/waiver");
  const body = (more: object = {}): object => ({
    body: {
      properties: { policyAssignmentId: policy, exemptionCategory: "Waiver", expiresOn: iso(startMs + HOUR), ...more },
    },
  });
  beforeEach(() => {
    rig = watched(armRig({ seed: false }));
    rig.arm.seed({
      subscriptions: [{ id: S.slice("/subscriptions/".length), name: "s" }],
      resourceGroups: [{ id: G }],
      resources: [
        {
          id: A,
          type: "Microsoft.CognitiveServices/accounts",
          location: "swedencentral",
          kind: "OpenAI",
          sku: { name: "S0" },
          properties: {},
        },
        {
          id: policy,
          type: "Microsoft.Authorization/policyAssignments",
          properties: { policyDefinitionId: "/providers/Microsoft.Authorization/policyDefinitions/p" },
        },
      ],
      roleAssignments: [{ scope: S, principalId: owner.oid, principalType: "User", role: roles.owner }],
    });
  });

  test("stay after they have expired, and go with their resource", async () => {
    expect(rig.ask("GET", policy).body.properties).toMatchObject({ enforcementMode: "Default", scope: S });
    expect(rig.ask("GET", at("policyAssignments")).body.value).toHaveLength(1);
    expect([rig.ask("PUT", exemption, body()).status, rig.ask("PUT", exemption, body()).status]).toEqual([201, 200]);
    const open = (): number =>
      rig.ask("GET", at("policyExemptions", S), { query: "$filter=excludeExpired()" }).body.value.length;
    expect(open()).toBe(1);
    await pass(HOUR);
    expect(open()).toBe(0);
    expect(rig.ask("GET", exemption).body.properties.expiresOn).toBe(iso(startMs + HOUR));
    rig.ask("DELETE", A);
    expect(rig.ask("GET", at("policyExemptions", S)).body.value).toEqual([]);
  });

  test("need the assignment that they exempt from, and the right to", () => {
    const code = (told: Told): unknown => [told.status, told.body.error.code];
    expect(code(rig.ask("PUT", exemption, body({ policyAssignmentId: `${policy}x` })))).toEqual([
      404,
      "PolicyAssignmentNotFound",
    ]);
    expect(code(rig.ask("PUT", exemption, body({ expiresOn: "tomorrow" })))).toEqual([400, "InvalidPolicyExemption"]);
    expect(code(rig.ask("PUT", exemption, body({ exemptionCategory: "Holiday" })))).toEqual([
      400,
      "InvalidRequestContent",
    ]);
    const custom = {
      roleName: "Exempter",
      permissions: [{ actions: ["Microsoft.Authorization/policyExemptions/*"] }],
      assignableScopes: [S],
      type: "CustomRole",
    };
    rig.ask("PUT", `${S}/providers/Microsoft.Authorization/roleDefinitions/${guid(60)}`, {
      body: { properties: custom },
    });
    rig.ask("PUT", assignmentId(S, guid(81)), {
      body: {
        properties: { principalId: stranger.oid, roleDefinitionId: definition(guid(60)), principalType: "User" },
      },
    });
    const told = rig.ask("PUT", exemption, { ...body(), as: stranger });
    expect(told.body.error.message).toContain("policyAssignments/exempt/action");
  });
});
