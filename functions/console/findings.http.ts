import { appRoles } from "../../shared/ports/tokens.ts";
import { route } from "./api.ts";
import { listByTarget } from "./lists.ts";

/** What is not as it should be. `open` and `waived` findings are live; `closed` ones are over. */
route("findings", { method: "GET", route: "findings", roles: appRoles }, async ({ query }) => ({
  jsonBody: await listByTarget(query, ["open", "waived", "closed"], {
    kinds: ["finding"],
    orderBy: { path: "since" },
  }),
}));
