import { z } from "zod";
import { undoChange } from "../../shared/reconcile/decisions.ts";
import { edge } from "../edgeContext.ts";
import { route } from "./api.ts";

const undoSchema = z.strictObject({
  /** The applied proposal. */
  change: z.string(),
  reason: z.string().min(5, { error: "expected a reason of five characters or more" }).max(1_000),
});

/** Takes an applied change back for a day. */
route("undo", { method: "POST", route: "undo", roles: ["Steelyard.Approver", "Steelyard.Operator"] }, async (call) => {
  const { change, reason } = await call.body(undoSchema);
  const claim = await undoChange(edge, { change, reason, by: call.principal.oid });
  return { status: 202, jsonBody: claim };
});
