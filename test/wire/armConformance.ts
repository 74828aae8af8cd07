/**
 * What any Azure Resource Manager answers to a client with Owner on a resource group, the local engine or the real one.
 * Writes only what its own name prefix marks, and takes it away again. Nothing here depends on how long an operation
 * takes: it is polled until its end.
 */
import { randomBytes, randomUUID } from "node:crypto";
import { expect, test } from "vitest";

export interface ArmUnderTest {
  /** Without a slash at the end. */
  readonly endpoint: string;
  /** Who calls: a bearer token, or the local engine's header. */
  readonly headers: Readonly<Record<string, string>>;
  readonly subscriptionId: string;
  /** Exists; the caller has Owner on it. */
  readonly resourceGroup: string;
  readonly location: string;
  /** A model and SKU with at least two units of quota left. */
  readonly model: { readonly format: string; readonly name: string; readonly version: string };
  readonly sku: string;
  /** A principal to which a role can be assigned. */
  readonly principal: { readonly id: string; readonly type: string };
  /** Lets time pass between two polls. */
  readonly wait: () => Promise<void>;
}

const CS = "2025-09-01";
const AUTHORIZATION = "2022-04-01";
const LOCKS = "2020-05-01";
const reader = "acdd72a7-3385-48ef-bd42-f606fba81ae7";
/** Polls of one operation before it counts as stuck. */
const POLLS_MAX = 120;

interface Told {
  readonly status: number;
  readonly headers: Headers;
  // eslint-disable-next-line typescript/no-explicit-any -- answers of every shape are looked into
  readonly body: any;
}

/** Registers the suite; the tests build on each other in order. */
export function armConformance(target: () => ArmUnderTest): void {
  const name = `steelyard-${randomBytes(4).toString("hex")}`;
  const scope = (): string => `/subscriptions/${target().subscriptionId}/resourceGroups/${target().resourceGroup}`;
  const account = (): string => `${scope()}/providers/Microsoft.CognitiveServices/accounts/${name}`;
  const deployment = (): string => `${account()}/deployments/chat`;
  const ask = (method: string, path: string, version: string, body?: object): Promise<Told> =>
    send(target(), method, `${target().endpoint}${path}?api-version=${version}`, body);
  const settled = async (told: Told): Promise<void> => {
    const url = told.headers.get("azure-asyncoperation") ?? told.headers.get("location");
    if (url === null) return;
    for (let polls = 0; polls < POLLS_MAX; polls += 1) {
      const poll = await send(target(), "GET", url);
      const status = poll.status === 202 ? "InProgress" : (poll.body?.status ?? "Succeeded");
      if (status !== "InProgress") {
        expect(status).toBe("Succeeded");
        return;
      }
      await target().wait();
    }
    throw new Error(`${url} did not end within ${POLLS_MAX} polls`);
  };

  test("an account is created with the defaults of the service", async () => {
    const { location } = target();
    const body = { location, kind: "OpenAI", sku: { name: "S0" }, properties: { customSubDomainName: name } };
    const created = await ask("PUT", account(), CS, body);
    expect(created.status).toBeOneOf([200, 201, 202]);
    await settled(created);
    const { body: read } = await ask("GET", account(), CS);
    expect(read).toMatchObject({
      name,
      kind: "OpenAI",
      etag: expect.any(String),
      properties: {
        provisioningState: "Succeeded",
        publicNetworkAccess: "Enabled",
        endpoint: expect.stringContaining(name),
      },
      systemData: { createdAt: expect.any(String) },
    });
  });

  test("PATCH changes what it names, and the ETag", async () => {
    const before = (await ask("GET", account(), CS)).body;
    const networkAcls = { defaultAction: "Deny", ipRules: [{ value: "203.0.113.7" }] };
    await settled(await ask("PATCH", account(), CS, { properties: { networkAcls, disableLocalAuth: true } }));
    const after = (await ask("GET", account(), CS)).body;
    expect(after.properties).toMatchObject({ networkAcls, disableLocalAuth: true });
    expect(after.properties.customSubDomainName).toBe(before.properties.customSubDomainName);
    expect(after.etag).not.toBe(before.etag);
    await settled(await ask("PATCH", account(), CS, { properties: { networkAcls: { defaultAction: "Allow" } } }));
    expect((await ask("GET", account(), CS)).body.properties.networkAcls.ipRules ?? []).toEqual([]);
  });

  test("a deployment is created, scaled and refused above its quota", async () => {
    const { model, sku } = target();
    await settled(await ask("PUT", deployment(), CS, { sku: { name: sku, capacity: 1 }, properties: { model } }));
    expect((await ask("GET", deployment(), CS)).body).toMatchObject({
      sku: { name: sku, capacity: 1 },
      properties: { provisioningState: "Succeeded", model },
    });
    await settled(await ask("PATCH", deployment(), CS, { sku: { name: sku, capacity: 2 } }));
    expect((await ask("GET", deployment(), CS)).body.sku.capacity).toBe(2);
    const greedy = await ask("PATCH", deployment(), CS, { sku: { name: sku, capacity: 9_999_999 } });
    expect([greedy.status, greedy.body.error.code]).toEqual([
      400,
      expect.toBeOneOf(["InsufficientQuota", "InvalidCapacity"]),
    ]);
  });

  test("a role assignment exists once per scope, principal and role", async () => {
    const { principal, subscriptionId } = target();
    const path = `${account()}/providers/Microsoft.Authorization/roleAssignments`;
    const properties = {
      roleDefinitionId: `/subscriptions/${subscriptionId}/providers/Microsoft.Authorization/roleDefinitions/${reader}`,
      principalId: principal.id,
      principalType: principal.type,
    };
    const [first, second] = [randomUUID(), randomUUID()];
    expect((await ask("PUT", `${path}/${first}`, AUTHORIZATION, { properties })).status).toBe(201);
    const again = await ask("PUT", `${path}/${second}`, AUTHORIZATION, { properties });
    expect([again.status, again.body.error.code]).toEqual([409, "RoleAssignmentExists"]);
    expect((await ask("DELETE", `${path}/${first}`, AUTHORIZATION)).status).toBe(200);
    expect((await ask("DELETE", `${path}/${first}`, AUTHORIZATION)).status).toBe(204);
  });

  test("a CanNotDelete lock stops deleting and lets writes pass", async () => {
    const lock = `${account()}/providers/Microsoft.Authorization/locks/${name}`;
    expect((await ask("PUT", lock, LOCKS, { properties: { level: "CanNotDelete" } })).status).toBe(201);
    const refused = await ask("DELETE", deployment(), CS);
    expect([refused.status, refused.body.error.code]).toEqual([409, "ScopeLocked"]);
    await settled(await ask("PATCH", account(), CS, { tags: { written: "yes" } }));
    expect((await ask("DELETE", lock, LOCKS)).status).toBe(200);
  });

  test("errors name what is wrong", async () => {
    const codes = await Promise.all([
      ask("GET", `${account()}x`, CS),
      ask("GET", account(), "1999-01-01"),
      ask("GET", account().replace("CognitiveServices", "NoSuchServices"), CS),
      ask("PATCH", account(), CS, { properties: { disableLocalAuth: "perhaps" } }),
    ]);
    expect(codes.map(({ status }) => status)).toEqual([404, 400, 404, 400]);
    expect(codes[0]?.body.error.code).toBe("ResourceNotFound");
  });

  test("what was made is taken away", async () => {
    await settled(await ask("DELETE", deployment(), CS));
    expect((await ask("DELETE", deployment(), CS)).status).toBe(204);
    await settled(await ask("DELETE", account(), CS));
    expect((await ask("GET", account(), CS)).status).toBe(404);
  });
}

async function send(target: ArmUnderTest, method: string, url: string, body?: object): Promise<Told> {
  const response = await fetch(url, {
    method,
    headers: { ...target.headers, ...(body === undefined ? {} : { "content-type": "application/json" }) },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  return { status: response.status, headers: response.headers, body: text === "" ? undefined : JSON.parse(text) };
}
