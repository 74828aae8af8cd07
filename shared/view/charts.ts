/**
 * Drawings. Shapes stretch with the page, strokes don't, and labels are text beside them, placed in per cent. Each has a
 * sentence as its name; where nothing is known there is a gap, never a line drawn over it.
 */
import { html, type Html } from "./html.ts";

/** A value that holds from then on; null: not known from then on. */
export interface Sample {
  readonly atMs: number;
  readonly value: number | null;
}

/** What an axis of time shows, milliseconds since the epoch. */
export interface Stretch {
  readonly fromMs: number;
  readonly toMs: number;
}

/** Units of a drawing that is stretched to what there is. */
export const WIDTH = 1000;
export const HEIGHT = 100;

/** Per mille of the axis at which a time lies, from 0 to {@link WIDTH}. */
export function place({ fromMs, toMs }: Stretch, atMs: number): number {
  if (toMs <= fromMs) return 0;
  return clamp(((atMs - fromMs) / (toMs - fromMs)) * WIDTH, 0, WIDTH);
}

/** Class of the place, for a label: in half per cent, the finest there are. */
export function placeClass(perMille: number): string {
  return `p${clamp(Math.round(perMille / 5), 0, 200)}`;
}

export interface Steps {
  /** `d` of the line; empty when there is nothing to draw. */
  readonly line: string;
  /** `d` of what is under it. */
  readonly area: string;
  /** Stretches of which nothing is known, as `[from, to]` in per mille. */
  readonly gaps: readonly (readonly [number, number])[];
}

/** Room above the highest step, for its label. */
const HEAD = 24;

/**
 * Steps from 0: each sample holds until the next, the last until `endMs`. Samples before the axis give the value at its
 * start. A single value that never changes is a level line, none is nothing at all.
 */
export function steps(samples: readonly Sample[], axis: Stretch, endMs: number, most: number): Steps {
  const y = (value: number): string => unit(most <= 0 ? HEIGHT : HEIGHT - (value / most) * (HEIGHT - HEAD));
  const runs = stretches(samples, axis, Math.min(endMs, axis.toMs));
  let line = "";
  let area = "";
  const gaps: [number, number][] = [];
  let before: number | null = null;
  for (const { from, to, value } of runs) {
    if (value === null) {
      gaps.push([from, to]);
      if (before !== null) area += `V${HEIGHT}Z`;
    } else if (before === null) {
      line += `M${unit(from)} ${y(value)}H${unit(to)}`;
      area += `M${unit(from)} ${HEIGHT}V${y(value)}H${unit(to)}`;
    } else {
      line += `V${y(value)}H${unit(to)}`;
      area += `V${y(value)}H${unit(to)}`;
    }
    before = value;
  }
  return { line, area: before === null ? area : `${area}V${HEIGHT}Z`, gaps };
}

interface Run {
  readonly from: number;
  readonly to: number;
  readonly value: number | null;
}

/** Levels between the times at which the value changes, of those that the axis shows. */
function stretches(samples: readonly Sample[], axis: Stretch, endMs: number): Run[] {
  const runs: Run[] = [];
  for (const [index, { atMs, value }] of samples.entries()) {
    const untilMs = samples[index + 1]?.atMs ?? endMs;
    const from = place(axis, atMs);
    const to = place(axis, Math.min(untilMs, endMs));
    const last = runs.at(-1);
    // What ended before the axis begins is not there; what lasted no time is a spike all the same.
    if (untilMs < axis.fromMs || atMs > endMs) continue;
    if (last !== undefined && last.value === value) runs[runs.length - 1] = { ...last, to };
    else runs.push({ from, to, value });
  }
  return runs;
}

/** Short strokes at the foot: when something was written. Those that would lie on each other are one. */
export function rug(times: readonly number[], axis: Stretch): string {
  const seen = times.filter((atMs) => atMs >= axis.fromMs && atMs <= axis.toMs);
  const places = new Set(seen.map((atMs) => Math.round(place(axis, atMs))));
  return [...places]
    .sort((a, b) => a - b)
    .map((x) => `M${x} ${HEIGHT}v-7`)
    .join("");
}

/** A small beam: as many notches as there may be, the poise at what is left. Over 40 notches each stands for several. */
export function budgetBeam(left: number, of: number, name: string): Html {
  const notches = Math.min(of, 40);
  const each = notches === 0 ? 0 : 100 / notches;
  const ticks = Array.from({ length: notches + 1 }, (_, index) => `M${unit(index * each)} 3v4`).join("");
  const at = of === 0 ? 0 : clamp((left / of) * 100, 0, 100);
  return html`<svg class="budget${left <= 0 ? " none" : null}" viewBox="0 0 100 16" role="img" aria-label="${name}">
    <path class="notch" d="${ticks}" />
    <path class="arm" d="M0 3h${unit(at)}" />
    <path class="poise" d="M${unit(at - 0.7)} 3h1.4v3h2.2l1.800 7h-9.400l1.800-7h2.200z" />
  </svg>`;
}

/** One dot per event on a line of time; three of the same kind make a gap in what is planned. */
export function dotStrip(times: readonly number[], axis: Stretch, name: string): Html {
  const seen = times.filter((atMs) => atMs >= axis.fromMs && atMs <= axis.toMs);
  return html`<svg class="strip" width="100%" height="20" role="img" aria-label="${name}">
    <line x1="0%" x2="100%" y1="10" y2="10" />
    ${seen.map((atMs) => html`<circle cx="${unit(place(axis, atMs) / 10)}%" cy="10" r="4" />`)}
  </svg>`;
}

/** A share of a whole as a bar; more than the whole is the whole. */
export function shareBar(value: number, whole: number, name: string): Html {
  const share = whole <= 0 ? 0 : clamp((value / whole) * 100, 0, 100);
  return html`<svg class="share" width="100%" height="6" role="img" aria-label="${name}">
    <rect class="whole" width="100%" height="6" rx="3" />
    <rect class="part" width="${unit(share)}%" height="6" rx="3" />
  </svg>`;
}

export function unit(value: number): string {
  return String(Math.round(value * 10) / 10);
}

function clamp(value: number, least: number, most: number): number {
  return Math.min(most, Math.max(least, value));
}
