import { appRoles } from "../../shared/ports/tokens.ts";
import { route } from "./api.ts";
import { list } from "./lists.ts";

/** Messages that could not be read, with the reason. */
route("deadletters", { method: "GET", route: "deadletters", roles: appRoles }, async ({ query }) => ({
  jsonBody: await list(query, { kinds: ["deadLetter"], orderBy: { path: "at" } }),
}));
