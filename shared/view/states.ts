/** What is shown when there is nothing to show as usual: failed, stale, not permitted, not found, around signing in. */
import { html, type Html } from "./html.ts";
import { note } from "./parts.ts";
import { paths } from "./shell.ts";
import { count, since, timeTag } from "./words.ts";

export interface Notice {
  readonly title: string;
  /** What is known, in plain words. */
  readonly text: string;
  /** The machine's own code or an ID for the log. */
  readonly code?: string;
  /** One next step. */
  readonly next?: { readonly label: string; readonly href: string };
}

export function noticePage({ title, text, code, next }: Notice): Html {
  return html`<div class="lead">
      <h1>${title}</h1>
      <p>${text}</p>
      ${code === undefined ? null : html`<p class="f sm">For the log: <code>${code}</code></p>`}
    </div>
    ${next === undefined ? null : html`<p class="line"><a class="btn go" href="${next.href}">${next.label}</a></p>`}`;
}

/** The store could not be read: the picture is of then, and nothing can be decided from it. */
export function staleNote(readAt: string, nowMs: number): Html {
  return note(
    "stop",
    html`The store cannot be read at this moment. This is what it said at ${timeTag(readAt, nowMs)},
    ${since(readAt, nowMs)}; it may be otherwise now. Nothing can be decided until it can be read again.`,
  );
}

/** What a page leaves out because it cannot be read. */
export function corruptNote(number: number): Html {
  return note(
    "open",
    html`${count(number, "record")} could not be read and ${number === 1 ? "is" : "are"} not shown. The report of health
    (/api/health/details) names one.`,
  );
}

/** Beside what would be a button while the store is away. */
export const STALE_REASON = "The store cannot be read at this moment: what is shown may be otherwise now.";

export const notices = {
  storeAway: (code: string): Notice => ({
    title: "The store cannot be read",
    text: "Nothing is known of what waits, so nothing is shown. What was decided before is safe, and what runs goes on without this page. Try again in a minute.",
    code,
    next: { label: "Try again", href: paths.overview },
  }),
  issuerAway: (): Notice => ({
    title: "Nobody can sign in at this moment",
    text: "The issuer of sign-ins cannot be reached, so nobody is let in. Steelyard itself goes on: what was agreed to is written, and exceptions end on time.",
    next: { label: "Try again", href: paths.signIn },
  }),
  keysAway: (): Notice => ({
    title: "Your session cannot be checked at this moment",
    text: "The keys of the issuer of sign-ins cannot be read, so nobody is let in. You are still signed in; try again in a minute.",
    next: { label: "Try again", href: paths.overview },
  }),
  refused: (code: string, reason: string): Notice => ({
    title: "You are not signed in",
    text: `The sign-in was refused: ${reason}`,
    code,
    next: { label: "Sign in", href: `${paths.signIn}?choose=1` },
  }),
  otherAttempt: (): Notice => ({
    title: "You are not signed in",
    text: "This answer belongs to a sign-in that this browser did not begin, that was begun again in another tab, or that took longer than ten minutes.",
    next: { label: "Sign in", href: paths.signIn },
  }),
  application: (): Notice => ({
    title: "Only people can sign in here",
    text: "This token is an application's own. Applications use the API.",
    next: { label: "Sign in as somebody", href: `${paths.signIn}?choose=1` },
  }),
  tooLarge: (): Notice => ({
    title: "You are not signed in",
    text: "Your access token is too large for a cookie (browsers take 4,096 bytes). Have your administrator leave groups out of the tokens of this application.",
  }),
  noRole: (oid: string): Notice => ({
    title: "You are signed in, but hold no role here",
    text: "Ask an administrator of your tenant for one of the app roles Steelyard.Reader, Steelyard.Approver, Steelyard.Operator or Steelyard.Admin, then sign in again.",
    code: oid,
    next: { label: "Sign in again", href: `${paths.signIn}?choose=1` },
  }),
  signedOut: (): Notice => ({
    title: "You are signed out",
    text: "This browser holds no session of Steelyard any more. Your sign-in with the issuer itself may still be there.",
    next: { label: "Sign in", href: `${paths.signIn}?choose=1` },
  }),
  crossSite: (): Notice => ({
    title: "Not recorded",
    text: "This did not come from a page of Steelyard, or from one of an earlier session. Nothing was changed. Load the page again and decide there.",
    next: { label: "Go to what waits", href: paths.approvals },
  }),
  sessionOver: (): Notice => ({
    title: "Not recorded: your session has ended",
    text: "Nothing was changed. Sign in again, then decide again: it may say something else by then.",
    next: { label: "Sign in", href: `${paths.signIn}?return=${encodeURIComponent(paths.approvals)}` },
  }),
  notPermitted: (roles: string): Notice => ({
    title: "Not recorded: this takes another role",
    text: `Nothing was changed. To do this takes ${roles}.`,
    next: { label: "Go to what waits", href: paths.approvals },
  }),
  notFound: (what: string): Notice => ({
    title: "There is nothing of that name",
    text: `It was looked for and not found: ${what}. It may have been spelt differently. What is over stays for the record.`,
    next: { label: "Go to the overview", href: paths.overview },
  }),
  badAddress: (text: string): Notice => ({
    title: "This address does not say what to show",
    text: `What stands in it is not as expected: ${text}`,
    next: { label: "Go to the overview", href: paths.overview },
  }),
  noPage: (): Notice => ({
    title: "There is no such page",
    text: "The console has no page at this address. It may have been spelt differently, or belong to another version.",
    next: { label: "Go to the overview", href: paths.overview },
  }),
  badInput: (text: string): Notice => ({
    title: "Not recorded",
    text: `What was sent is not as expected: ${text}`,
    next: { label: "Go to what waits", href: paths.approvals },
  }),
  contended: (): Notice => ({
    title: "Not recorded: too many wrote at once",
    text: "Nothing was changed. Load the proposal again and decide there.",
    next: { label: "Go to what waits", href: paths.approvals },
  }),
  failed: (code: string): Notice => ({
    title: "This page could not be made",
    text: "The fault is ours, not yours, and it is in the log. What was decided before is safe. Load the page again before you decide again: it shows what is recorded.",
    code,
    next: { label: "Go to what waits", href: paths.approvals },
  }),
} as const;
