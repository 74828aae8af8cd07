/**
 * The conformance suite on the local engine and, when STEELYARD_ARM_ENDPOINT is set, on that ARM too. Needed then:
 * STEELYARD_ARM_TOKEN (or STEELYARD_ARM_CALLER for the local header), STEELYARD_ARM_SUBSCRIPTION and
 * STEELYARD_ARM_GROUP, STEELYARD_ARM_PRINCIPAL (an object ID); STEELYARD_ARM_LOCATION is `swedencentral` by default.
 * STEELYARD_ARM_PIM=1 says that the tenant has PIM.
 */
import { afterAll, beforeAll, describe } from "vitest";
import { armRig, guid, owner, subscription, type ArmRig } from "../support/armRig.ts";
import { type AreasUnderTest, armAreaConformance } from "./armAreaConformance.ts";
import { armConformance } from "./armConformance.ts";

const model = { format: "OpenAI", name: "gpt-4o", version: "2024-11-20" };

describe("the local ARM", () => {
  let rig: ArmRig;
  beforeAll(async () => {
    const { localTls } = await import("../support/localTls.ts");
    await using tls = await localTls();
    rig = armRig({ tls });
    await rig.arm.start();
  });
  afterAll(() => rig.arm.stop());

  const local = (): AreasUnderTest => ({
    endpoint: `http://127.0.0.1:${rig.arm.ports.plain}`,
    headers: { "x-ms-client-principal-id": owner.oid },
    subscriptionId: subscription,
    resourceGroup: "rg-ada",
    location: "swedencentral",
    model,
    sku: "GlobalStandard",
    principal: { id: guid(90), type: "User" },
    wait: async () => {
      await rig.context.clock.step(rig.context.clock.now() + 1000);
    },
    now: () => rig.context.clock.now(),
    pim: true,
    network: {
      subnet: `/subscriptions/${subscription}/resourceGroups/rg-ada/providers/Microsoft.Network/virtualNetworks/v/subnets/s`,
      zone: `/subscriptions/${subscription}/resourceGroups/rg-ada/providers/Microsoft.Network/privateDnsZones/privatelink.openai.azure.com`,
    },
  });
  armConformance(local);
  armAreaConformance(local);
});

const { env } = process;
const endpoint = env["STEELYARD_ARM_ENDPOINT"];

describe.skipIf(endpoint === undefined)("the ARM at STEELYARD_ARM_ENDPOINT", () => {
  const caller = env["STEELYARD_ARM_CALLER"];
  const [subnet, zone] = [env["STEELYARD_ARM_SUBNET"], env["STEELYARD_ARM_ZONE"]];
  const remote = (): AreasUnderTest => ({
    endpoint: (endpoint ?? "").replace(/\/$/, ""),
    headers:
      caller === undefined
        ? { authorization: `Bearer ${env["STEELYARD_ARM_TOKEN"] ?? ""}` }
        : { "x-ms-client-principal-id": caller },
    subscriptionId: env["STEELYARD_ARM_SUBSCRIPTION"] ?? "",
    resourceGroup: env["STEELYARD_ARM_GROUP"] ?? "",
    location: env["STEELYARD_ARM_LOCATION"] ?? "swedencentral",
    model,
    sku: "GlobalStandard",
    principal: { id: env["STEELYARD_ARM_PRINCIPAL"] ?? "", type: "ServicePrincipal" },
    wait: () => new Promise((resolve) => setTimeout(resolve, 2000)),
    now: () => Date.now(),
    pim: env["STEELYARD_ARM_PIM"] === "1",
    ...(subnet === undefined || zone === undefined ? {} : { network: { subnet, zone } }),
  });
  armConformance(remote);
  armAreaConformance(remote);
});
