/**
 * HTML as values. The tag escapes everything that is put into it; what the tag itself made goes in as it is. So text
 * from people, Azure and other services can only ever be text, and what turns direction or does not print is shown.
 */

/** Markup made by {@link html}. */
export class Html {
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  toString(): string {
    return this.#text;
  }
}

export type Insert = Html | string | number | null | undefined | false | readonly Insert[];

/** Builds markup; null, undefined and false put nothing there. */
export function html(parts: TemplateStringsArray, ...inserts: readonly Insert[]): Html {
  const own = squeezed(parts);
  let text = own[0] ?? "";
  for (const [index, insert] of inserts.entries()) text += print(insert) + (own[index + 1] ?? "");
  return new Html(text);
}

const kept = new WeakMap<TemplateStringsArray, readonly string[]>();

/** The indentation of the source is a third of a page's bytes and means nothing: a line's end is left of it. */
function squeezed(parts: TemplateStringsArray): readonly string[] {
  const known = kept.get(parts);
  if (known !== undefined) return known;
  const made = parts.map((part) => part.replaceAll(/\s*\n\s*/g, "\n"));
  kept.set(parts, made);
  return made;
}

function print(insert: Insert): string {
  if (insert === null || insert === undefined || insert === false) return "";
  if (insert instanceof Html) return insert.toString();
  if (typeof insert === "string" || typeof insert === "number") return escape(String(insert));
  return insert.map(print).join("");
}

const entities: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/** Control characters but tab and line feed, and those that turn the direction of what follows them. */
const unseen = /(?![\t\n])[\p{Cc}\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/gu;

/** For text and for values of quoted attributes. */
export function escape(text: string): string {
  return text
    .toWellFormed()
    .replaceAll(unseen, (mark) => `\\u${(mark.codePointAt(0) ?? 0).toString(16).padStart(4, "0")}`)
    .replaceAll(/[&<>"']/g, (mark) => entities[mark] ?? mark);
}
