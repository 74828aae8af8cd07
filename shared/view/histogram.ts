/** How old a backlog is: one bar per age, from 0, one unit. The sentence is the picture's name; the numbers stand below. */
import { html, type Html } from "./html.ts";
import { count, grouped } from "./words.ts";

export interface Bin {
  /** Lower edge of the age, in days. */
  readonly days: number;
  readonly count: number;
}

/** Width of the drawing; it is stretched to what there is. */
const WIDTH = 100;
const HEIGHT = 40;
/** A bar that stands for something can be seen. */
const LEAST = 1.5;

export function histogram(bins: readonly Bin[]): Html {
  const most = Math.max(1, ...bins.map(({ count }) => count));
  const step = WIDTH / Math.max(1, bins.length);
  const bars = bins.map(({ count: number }, index) => {
    const height = number === 0 ? 0 : Math.max(LEAST, (number / most) * HEIGHT);
    return html`<rect
      x="${round(index * step + step * 0.12)}"
      y="${round(HEIGHT - height)}"
      width="${round(step * 0.76)}"
      height="${round(height)}"
    ></rect>`;
  });
  const labels = bins.map(
    (bin, index) => html`<li><b>${grouped(bin.count)}</b><span>${ageLabel(bins, index)}</span></li>`,
  );
  return html`<figure>
    <svg
      class="hist"
      viewBox="0 0 ${WIDTH} ${HEIGHT}"
      preserveAspectRatio="none"
      role="img"
      aria-label="${histogramSentence(bins)}"
    >
      ${bars}
      <line x1="0" y1="${HEIGHT}" x2="${WIDTH}" y2="${HEIGHT}"></line>
    </svg>
    <ol class="ages" aria-hidden="true">
      ${labels}
    </ol>
  </figure>`;
}

/** What the picture says, to be read aloud. */
export function histogramSentence(bins: readonly Bin[]): string {
  const all = bins.reduce((sum, bin) => sum + bin.count, 0);
  if (all === 0) return "Nothing waits.";
  const parts = bins.flatMap((bin, index) =>
    bin.count === 0 ? [] : [`${grouped(bin.count)} ${ageLabel(bins, index)}`],
  );
  return `How long it has been so: of ${count(all, "account")}, ${parts.join(", ")}.`;
}

function ageLabel(bins: readonly Bin[], index: number): string {
  const from = bins[index]?.days ?? 0;
  const to = bins[index + 1]?.days;
  if (to === undefined) return from === 365 ? "over a year" : `over ${from} d`;
  if (from === 0) return `under ${to} d`;
  return to === 365 ? `${from} d to a year` : `${from} to ${to} d`;
}

function round(value: number): string {
  return String(Math.round(value * 100) / 100);
}
