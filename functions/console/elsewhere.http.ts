import { failure, openRoute } from "./api.ts";

/** Longest path that is told back. */
const PATH_CHARACTERS_MAX = 200;

/**
 * What is none of the API's calls: the host itself would answer with an empty body. The host takes the more literal route
 * first, and another one when the method is not the route's, so a call with the wrong method ends here as well.
 */
openRoute(
  "elsewhere",
  { methods: ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"], route: "{*elsewhere}" },
  async ({ method, url }) => {
    const path = new URL(url).pathname.slice(0, PATH_CHARACTERS_MAX);
    return failure(404, "NotFound", `there is no call ${method} ${path}`);
  },
);
