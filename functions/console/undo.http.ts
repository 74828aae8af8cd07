import { z } from "zod";
import { runSchema } from "../../shared/desired/documents.ts";
import { undoChange, undoRun } from "../../shared/reconcile/undo.ts";
import { edge } from "../edgeContext.ts";
import { prose, route } from "./api.ts";

const reason = prose(1_000).refine((text) => text.length >= 5, {
  error: "expected a reason of five characters or more",
});

const undoSchema = z.union(
  [
    /** The applied proposal. */
    z.strictObject({ change: z.string().max(100), reason }),
    z.strictObject({ run: runSchema, reason }),
  ],
  { error: "expected a reason and either change (an applied proposal) or run (such as NET-01.prod.v7)" },
);

/** Takes an applied change, or all that a run wrote, back for a day. */
route(
  "undo",
  { method: "POST", route: "undo", roles: ["Steelyard.Approver", "Steelyard.Operator"], peopleOnly: true },
  async (call) => {
    const request = { ...(await call.body(undoSchema)), by: call.principal.oid };
    const undone = "run" in request ? await undoRun(edge, request) : await undoChange(edge, request);
    return { status: 202, jsonBody: undone };
  },
);
