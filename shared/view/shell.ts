/** The frame of every page: bar with the poise at the page one is on, main part, foot. */
import { html, type Html, type Insert } from "./html.ts";
import { csrfField } from "./parts.ts";
import { roleWord, type Viewer } from "./person.ts";
import { shortId, shortTime } from "./words.ts";

export interface Frame {
  /** Of the document; the product's name is put after it. */
  readonly title: string;
  readonly current: "overview" | "approvals" | "findings" | null;
  /** Nobody on the pages around signing in. */
  readonly viewer: Viewer | null;
  /** How many proposals and requests wait for the viewer; null when it is not known. */
  readonly waiting: number | null;
  /** When what is shown was read, ISO 8601; null where nothing was. */
  readonly readAt: string | null;
  readonly nowMs: number;
  /** Tag of the main part, where the page follows what happens. */
  readonly tag: string | null;
  readonly styleUrl: string;
  readonly scriptUrl: string;
}

export const paths = {
  overview: "/api/console",
  approvals: "/api/console/approvals",
  findings: "/api/console/findings",
  requests: "/api/console/requests",
  signIn: "/api/console/signin",
  signOut: "/api/console/signout",
} as const;

/** A balance with a sliding weight. */
const mark = html`<svg viewBox="0 0 32 32" aria-hidden="true">
  <path d="M2.500 11h27M10.500 11V6.500M6 11v4M23 11v4.500" />
  <path d="M2 15.500h8a4 4 0 0 1-8 0z" />
  <path class="w" d="M21 15.500h4l2 9h-8z" />
</svg>`;

const icon =
  "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 32 32' fill='none' stroke='%232c5a7a' stroke-width='2.4' stroke-linecap='round'%3E%3Cpath d='M2.500 11h27M10.500 11V6.500M6 11v4M23 11v4.500'/%3E%3Cpath d='M2 15.500h8a4 4 0 0 1-8 0z'/%3E%3Cpath fill='%232c5a7a' d='M21 15.500h4l2 9h-8z'/%3E%3C/svg%3E";

/** A whole document around the main part. */
export function shell(frame: Frame, main: Html): Html {
  const { viewer, tag } = frame;
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width,initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>${frame.title}, Steelyard</title>
        <link rel="icon" href="${icon}" />
        <link rel="stylesheet" href="${frame.styleUrl}" />
        <script src="${frame.scriptUrl}" defer></script>
      </head>
      <body>
        <a class="skip" href="#main">Skip to the page</a>
        <header class="bar">
          <a class="brand" href="${paths.overview}">${mark}<span>Steelyard</span></a
          >${viewer === null ? null : navigation(frame)}${viewer === null ? null : me(viewer)}
        </header>
        <main id="main" tabindex="-1" ${tag === null ? null : html` data-tag="${tag}"`}>${main}</main>
        <footer class="bottom"><span>Times in UTC</span>${readAt(frame)}<span class="end">Steelyard</span></footer>
        <p class="vh" id="live" role="status" aria-live="polite"></p>
        <button class="btn go" id="fresh" type="button" hidden>Show what has changed</button>
      </body>
    </html>`;
}

function navigation({ current, waiting }: Frame): Html {
  const link = (page: NonNullable<Frame["current"]>, label: Insert): Html =>
    html`<a href="${paths[page]}" ${page === current ? html` aria-current="page"` : null}>${label}</a>`;
  const badge =
    waiting === null || waiting === 0
      ? null
      : html`<span class="n">${waiting > 99 ? "99+" : waiting}<span class="vh"> wait for you</span></span>`;
  return html`<nav aria-label="Pages">
    ${link("overview", "Overview")}${link("approvals", html`Approvals${badge}`)}${link("findings", "Findings")}
  </nav>`;
}

function me(viewer: Viewer): Html {
  return html`<div class="me">
    <span
      ><span class="as">Signed in as </span><b>${roleWord(viewer)}</b>
      <code class="id f" title="${viewer.oid}">${shortId(viewer.oid)}</code></span
    >
    <form method="post" action="${paths.signOut}">${csrfField(viewer)}<button class="btn small">Sign out</button></form>
  </div>`;
}

function readAt({ readAt, nowMs }: Frame): Html | null {
  return readAt === null ? null : html`<span>Read <time datetime="${readAt}">${shortTime(readAt, nowMs)}</time></span>`;
}
