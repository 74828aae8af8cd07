/**
 * The pages, in the order of the questions that people come with: how is it, what do I have to decide, what is where, what
 * is open, what is it worth, what is held, what happened. What operators need now and then stands under "More". On a narrow
 * page four of them move to the foot, and the others under "More".
 */
import { html, type Html } from "./html.ts";
import { paths } from "./paths.ts";

interface Entry {
  readonly name: keyof typeof paths;
  readonly label: string;
  /** Typed after "g". */
  readonly key: string;
}

/** Stand in the bar; those that are not `foot` move under "More" where it is narrow. */
const inBar: readonly (Entry & { readonly foot: boolean })[] = [
  { name: "overview", label: "Overview", key: "o", foot: true },
  { name: "approvals", label: "Approvals", key: "a", foot: true },
  { name: "estate", label: "Estate", key: "e", foot: true },
  { name: "access", label: "Access", key: "x", foot: false },
  { name: "capacity", label: "Capacity", key: "c", foot: false },
  { name: "standards", label: "Standards", key: "s", foot: false },
  { name: "ledger", label: "Ledger", key: "l", foot: true },
];

const underMore: readonly Entry[] = [
  { name: "findings", label: "Findings", key: "f" },
  { name: "tour", label: "Tour", key: "t" },
  { name: "configuration", label: "Configuration", key: "k" },
  { name: "orchestrations", label: "Orchestrations", key: "r" },
  { name: "deadLetters", label: "Dead letters", key: "d" },
];

export const entries: readonly Entry[] = [...inBar, ...underMore];

export type PageName =
  | "overview"
  | "approvals"
  | "estate"
  | "access"
  | "capacity"
  | "standards"
  | "ledger"
  | "findings"
  | "tour"
  | "configuration"
  | "orchestrations"
  | "deadLetters";

export function navigation(current: PageName | null, waiting: number | null): Html {
  const isUnderMore = underMore.some(({ name }) => name === current);
  return html`<nav aria-label="Pages">
    <ul>
      ${inBar.map(
        (entry) =>
          html`<li class="${entry.foot ? null : "wide"}">
            ${link(entry, current, entry.name === "approvals" ? badge(waiting) : null)}
          </li>`,
      )}
      <li>
        <details class="drop">
          <summary${isUnderMore ? html` aria-current="true"` : null}>
            <span class="i i-more"></span>More<span class="i i-down"></span>
          </summary>
          <ul class="menu">
            ${inBar.filter(({ foot }) => !foot).map((entry) => html`<li class="small">${link(entry, current)}</li>`)}${underMore.map((entry) => html`<li>${link(entry, current)}</li>`)}
          </ul>
        </details>
      </li>
    </ul>
  </nav>`;
}

function link({ name, label, key }: Entry, current: PageName | null, after: Html | null = null): Html {
  return html`<a href="${paths[name]}" data-key="${key}" ${name === current ? html` aria-current="page"` : null}
    ><span class="i i-${name}"></span>${label}${after}</a
  >`;
}

function badge(waiting: number | null): Html | null {
  if (waiting === null || waiting === 0) return null;
  return html`<span class="n" id="badge">${waiting > 99 ? "99+" : waiting}<span class="vh"> wait for you</span></span>`;
}
