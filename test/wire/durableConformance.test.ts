/**
 * The conformance suite on the local backend and, when STEELYARD_DURABLE_URL is set, on that function app too:
 * `https://NAME.azurewebsites.net`, which runs test/support/durableFunctions.ts, with STEELYARD_DURABLE_KEY, the system
 * key of its durable task extension, and STEELYARD_DURABLE_HUB, its task hub.
 */
import "../support/durableApp.ts";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe } from "vitest";
import { DurableRig } from "../support/durableRig.ts";
import { type DurableServer, durableServer } from "../support/durableServer.ts";
import { durableConformance } from "./durableConformance.ts";

describe("the local backend", () => {
  let rig: DurableRig;
  let server: DurableServer;
  beforeAll(async () => {
    rig = await DurableRig.start();
    server = await durableServer(rig.backend);
  });
  afterAll(async () => {
    await server[Symbol.asyncDispose]();
    await rig.stop();
  });

  durableConformance(() => ({
    base: server.base,
    key: server.key,
    taskHub: "conformance",
    settle: () => rig.settle(),
    advance: (ms) => rig.advance(ms),
  }));
});

const { env } = process;
const url = env["STEELYARD_DURABLE_URL"];

describe.skipIf(url === undefined)("the function app at STEELYARD_DURABLE_URL", { timeout: 180_000 }, () => {
  durableConformance(() => ({
    base: `${(url ?? "").replace(/\/$/, "")}/runtime/webhooks/durabletask`,
    key: env["STEELYARD_DURABLE_KEY"] ?? "",
    taskHub: env["STEELYARD_DURABLE_HUB"] ?? "default",
    settle: () => sleep(500),
  }));
});
