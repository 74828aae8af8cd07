import { z } from "zod";
import { appRoles } from "../../shared/ports/tokens.ts";
import { askForSweep, progressOf, readSweep } from "../../shared/reconcile/sweep/document.ts";
import { edge } from "../edgeContext.ts";
import { route } from "./api.ts";

/** How far the sweep of the estate is, or how the last one ended. */
route("sweep", { method: "GET", route: "sweep", roles: appRoles }, async () => ({
  jsonBody: progressOf(await readSweep(edge.store)),
}));

/** Asks for a sweep now: it begins within a minute. */
route("askForSweep", { method: "POST", route: "sweep", roles: ["Steelyard.Operator"] }, async ({ body, principal }) => {
  await body(z.strictObject({}));
  return { status: 202, jsonBody: await askForSweep(edge.store, principal.oid, edge.clock.now()) };
});
