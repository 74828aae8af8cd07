/** The frame of every page: the bar is the beam, its poise hangs at the page one is on; main part; foot with sources and keys. */
import type { Bearings } from "./bearings.ts";
import { html, type Html } from "./html.ts";
import { keysDialog } from "./keys.ts";
import { mark } from "./mark.ts";
import { navigation, type PageName } from "./navigation.ts";
import { csrfField } from "./parts.ts";
import { roleWord, type Viewer } from "./person.ts";
import { paths } from "./paths.ts";
import { themes, type Theme } from "./theme.ts";
import { clockTag, shortId } from "./words.ts";

export { paths } from "./paths.ts";

export interface Frame {
  /** Of the document; the product's name is put after it. */
  readonly title: string;
  readonly current: PageName | null;
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
  /** `system` when left out. */
  readonly theme?: Theme;
  /** Null or left out where it is not known: around signing in, and while the store is away. */
  readonly bearings?: Bearings | null;
  /** Path and query of this page, to come back to. */
  readonly here?: string;
  /** What is shown is of then, not of now. */
  readonly isStale?: boolean;
}

const icon =
  "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 32 32' fill='none' stroke='%232c5a7a' stroke-width='2.4' stroke-linecap='round'%3E%3Cpath d='M2.500 11h27M10.500 11V6.500M6 11v4M23 11v4.500'/%3E%3Cpath d='M2 15.500h8a4 4 0 0 1-8 0z'/%3E%3Cpath fill='%232c5a7a' d='M21 15.500h4l2 9h-8z'/%3E%3C/svg%3E";

/** A whole document around the main part. */
export function shell(frame: Frame, main: Html): Html {
  const { viewer, tag, theme = "system" } = frame;
  return html`<!doctype html>
    <html lang="en" ${theme === "system" ? null : html` data-theme="${theme}"`}>
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
          >${viewer === null ? null : html`${navigation(frame.current, frame.waiting)}${controls(frame, viewer)}`}
        </header>
        <main id="main" tabindex="-1" ${tag === null ? null : html` data-tag="${tag}"`}>${main}</main>
        ${bottom(frame)}
        <p class="vh" id="live" role="status" aria-live="polite"></p>
        <button class="btn go" id="fresh" type="button" hidden>Show what has changed</button>
        ${viewer === null ? null : keysDialog}
      </body>
    </html>`;
}

/** What stands at the right of the bar: how far the product may go, how fresh this is, the theme, who looks. */
function controls(frame: Frame, viewer: Viewer): Html {
  const { theme = "system", here = paths.overview, bearings } = frame;
  const choices = themes.map(
    (choice) =>
      html`<button
        name="theme"
        value="${choice}"
        aria-pressed="${String(choice === theme)}"
        title="${themeWords[choice]}"
      >
        <span class="i i-${choice}"></span><span class="vh">${themeWords[choice]}</span>
      </button>`,
  );
  return html`<div class="ctl">
    ${bearings === null || bearings === undefined ? null : html`<span class="mode">Mode <b>${bearings.mode}</b></span>`}${freshness(frame)}
    <form class="seg icons" id="themes" method="post" action="${paths.theme}" aria-label="Theme">
      ${csrfField(viewer)}<input type="hidden" name="return" value="${here}" />${choices}
    </form>
    <details class="drop me">
      <summary>
        <span class="i wait"></span><b class="role">${roleWord(viewer)}</b><span class="i i-down"></span>
      </summary>
      <div>
        <p>Signed in as <b>${roleWord(viewer)}</b></p>
        <p><code class="f" title="${viewer.oid}">${shortId(viewer.oid)}</code></p>
        <form method="post" action="${paths.signOut}">
          ${csrfField(viewer)}
          <p class="line"><button class="btn small">Sign out</button></p>
        </form>
      </div>
    </details>
  </div>`;
}

const themeWords: Readonly<Record<Theme, string>> = {
  system: "Theme as the system",
  light: "Light theme",
  dark: "Dark theme",
};

function freshness({ readAt, isStale = false }: Frame): Html | null {
  if (readAt === null) return null;
  return html`<span class="live${isStale ? " late" : null}" id="read"
    ><span class="w">${isStale ? "Of" : "Read"}</span> ${clockTag(readAt)}<span id="age"></span
  ></span>`;
}

function bottom({ bearings, viewer, nowMs }: Frame): Html {
  const sources = bearings?.sources ?? [];
  return html`<footer class="bottom">
    <span>Times in UTC</span>${sources.map(
      ({ name, at }) => html`<span>${name} ${at === null ? "none yet" : clockTag(at, nowMs)}</span>`,
    )}
    <span class="end">
      ${
        viewer === null
          ? null
          : html`<span class="keys"
              ><span><kbd>/</kbd> find</span><span><kbd>g</kbd> <kbd>e</kbd> go to Estate</span
              ><button type="button" id="allkeys"><kbd>?</kbd> all keys</button></span
            >`
      }<span>Steelyard</span>
    </span>
  </footer>`;
}
