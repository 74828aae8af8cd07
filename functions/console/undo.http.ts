import { z } from "zod";
import { undoChange } from "../../shared/reconcile/decisions.ts";
import { edge } from "../edgeContext.ts";
import { prose, route } from "./api.ts";

const undoSchema = z.strictObject({
  /** The applied proposal. */
  change: z.string().max(100),
  reason: prose(1_000).refine((text) => text.length >= 5, { error: "expected a reason of five characters or more" }),
});

/** Takes an applied change back for a day. */
route(
  "undo",
  { method: "POST", route: "undo", roles: ["Steelyard.Approver", "Steelyard.Operator"], peopleOnly: true },
  async (call) => {
    const { change, reason } = await call.body(undoSchema);
    const claim = await undoChange(edge, { change, reason, by: call.principal.oid });
    return { status: 202, jsonBody: claim };
  },
);
