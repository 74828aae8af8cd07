/**
 * Three questions that are not the same. Can this app serve people (`health`, for load balancers: restarting or replacing
 * this app helps when it cannot)? Is core alive (`health/heartbeat`, for an availability test from outside: it does not
 * touch what the load balancer sees, because the console is where people look when core is down)? How is the work going
 * (`health/details`, `metrics`, for those with a role)?
 */
import { configAddress } from "../../shared/config/schema.ts";
import { toIso } from "../../shared/kernel/clock.ts";
import { appRoles } from "../../shared/ports/tokens.ts";
import { isBeating, judgeHealth, type HealthReport } from "../../shared/reconcile/health.ts";
import { readHeartbeat } from "../../shared/reconcile/heartbeat.ts";
import { openMetricsType, toOpenMetrics } from "../../shared/reconcile/openMetrics.ts";
import { readSignals } from "../../shared/reconcile/signals.ts";
import { edge } from "../edgeContext.ts";
import { openRoute, route } from "./api.ts";

/** Registers a route that is open to everybody and tells one word. */
function open(
  name: string,
  path: string,
  word: () => Promise<{ readonly ok: boolean; readonly status: string }>,
): void {
  openRoute(name, { methods: ["GET"], route: path }, async () => {
    try {
      const { ok, status } = await word();
      return { status: ok ? 200 : 503, jsonBody: { status } };
    } catch (error) {
      edge.log("the store cannot be read", { error: String(error) });
      return { status: 503, jsonBody: { status: "unavailable" } };
    }
  });
}

/** 200 when the store can be read. */
open("health", "health", async () => {
  const { container, pk, id } = configAddress;
  await edge.store.read(container, pk, id);
  return { ok: true, status: "ready" };
});

/** 200 while the sweeper of core gets through, 503 when it has not for three minutes. */
open("heartbeat", "health/heartbeat", async () => {
  const ok = isBeating((await readHeartbeat(edge.store)) ?? null, toIso(edge.clock.now()));
  return { ok, status: ok ? "beating" : "late" };
});

let reading: Promise<HealthReport> | undefined;

/** However many ask at once, the store is asked once; nothing is kept after it has answered. */
async function report(): Promise<HealthReport> {
  reading ??= readSignals(edge.store, edge.clock)
    .then(judgeHealth)
    .finally(() => {
      reading = undefined;
    });
  return reading;
}

/** The verdict, why, and the signals behind it. Always 200 when it can be told: the verdict is in the body. */
route("healthDetails", { method: "GET", route: "health/details", roles: appRoles }, async () => ({
  jsonBody: await report(),
}));

/** The same in OpenMetrics text, for an application with the role of a reader. */
route("metrics", { method: "GET", route: "metrics", roles: appRoles }, async () => ({
  headers: { "content-type": openMetricsType },
  body: toOpenMetrics(await report()),
}));
