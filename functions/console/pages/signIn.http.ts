/** Signing in and out. The browser goes to the issuer and comes back with a code; what it gets is a session's cookie. */
import { app } from "@azure/functions";
import { notices } from "../../../shared/view/states.ts";
import { paths } from "../../../shared/view/shell.ts";
import { edge } from "../../edgeContext.ts";
import { notice, redirect, toOwnOrigin } from "./page.ts";
import {
  attemptCookies,
  attemptOf,
  isOurs,
  localPath,
  noSession,
  sameText,
  sessionCookies,
  sessionOf,
} from "./session.ts";

const callback = `${paths.signIn}/callback`;
const redirectUri = `${edge.origin}${callback}`;
/** What an issuer sends back is short; anything longer was not sent by one. */
const CODE_CHARACTERS_MAX = 4_096;

app.http("consoleSignIn", {
  methods: ["GET"],
  route: "console/signin",
  authLevel: "anonymous",
  handler: async (request) => {
    const elsewhere = toOwnOrigin(request);
    if (elsewhere !== undefined) return elsewhere;
    const begun = await edge.signIn.begin(redirectUri, request.query.has("choose"));
    if (begun.kind === "unavailable") return notice(503, notices.issuerAway());
    return redirect(begun.url, attemptCookies(begun.attempt, localPath(request.query.get("return"))));
  },
});

app.http("consoleSignInCallback", {
  methods: ["GET"],
  route: "console/signin/callback",
  authLevel: "anonymous",
  handler: async (request) => {
    const { query } = request;
    const attempt = attemptOf(request);
    if (attempt === undefined || !sameText(query.get("state") ?? "", attempt.state))
      return notice(400, notices.otherAttempt());
    const error = query.get("error");
    if (error !== null) return notice(403, refusal(error, query.get("error_description")), null, noSession());
    const code = query.get("code") ?? "";
    if (code === "" || code.length > CODE_CHARACTERS_MAX) return notice(400, notices.otherAttempt(), null, noSession());
    const answer = await edge.signIn.finish(redirectUri, code, attempt);
    if (answer.kind === "unavailable") return notice(503, notices.issuerAway(), null, noSession());
    if (answer.kind === "refused") return notice(403, notices.refused(answer.code, answer.reason), null, noSession());
    if (answer.principal.kind !== "person") return notice(403, notices.application(), null, noSession());
    const cookies = sessionCookies(answer.token, answer.expiresInS);
    if (cookies === undefined) return notice(403, notices.tooLarge(), null, noSession());
    // The cookie is the browser's: where there is no TLS to bind it to our host, another site may have planted it.
    return redirect(localPath(attempt.returnTo), cookies);
  },
});

function refusal(error: string, description: string | null): ReturnType<typeof notices.refused> {
  const reason = (description ?? "").slice(0, 500) || "the issuer gave no reason";
  return notices.refused(error.slice(0, 100), reason);
}

app.http("consoleSignOut", {
  methods: ["POST"],
  route: "console/signout",
  authLevel: "anonymous",
  handler: async (request) => {
    const session = await sessionOf(request);
    // Another site must not be able to sign a person out either; without a session there is nothing to protect.
    if (session.kind === "good" && !isOurs(request, new URLSearchParams(await request.text()), session.viewer))
      return notice(403, notices.crossSite(), session.viewer);
    return redirect(`${paths.signOut}/done`, noSession());
  },
});

app.http("consoleSignedOut", {
  methods: ["GET"],
  route: "console/signout/done",
  authLevel: "anonymous",
  handler: () => notice(200, notices.signedOut()),
});
