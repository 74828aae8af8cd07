/**
 * The loops over one clock: 18 hours back, solid; now, one line of ink; 6 hours ahead, shaded, with what is fixed already.
 */
import { html, type Html, type Insert } from "./html.ts";
import { HEIGHT, place, placeClass, rug, steps, unit, WIDTH, type Sample, type Stretch } from "./charts.ts";
import { hourMs, toIso } from "../kernel/clock.ts";
import { count, shortTime } from "./words.ts";

export const BACK_MS = 18 * hourMs;
export const AHEAD_MS = 6 * hourMs;

export function axisOf(nowMs: number): Stretch {
  return { fromMs: nowMs - BACK_MS, toMs: nowMs + AHEAD_MS };
}

export interface LoopPicture {
  /** What the numbers count, after one: `not as they should be`. */
  readonly what: string;
  readonly samples: readonly Sample[];
  /** Times at which something was written, milliseconds since the epoch. */
  readonly writes: readonly number[];
  /** Times ahead at which something happens for certain. */
  readonly fixed: readonly { readonly atMs: number; readonly label: string }[];
}

export interface LoopRow {
  readonly mark: string;
  readonly name: string;
  readonly text: Insert;
  /** Null where nothing is counted yet: the words stand there instead. */
  readonly picture: LoopPicture | null;
  readonly instead?: string;
  readonly facts: readonly { readonly label: string; readonly value: Insert; readonly below: Insert }[];
}

/** Labels nearer than this to "now" are left out, per mille. */
const NEAR = 80;

export function loopsPanel(rows: readonly LoopRow[], nowMs: number): Html {
  return html`<section class="panel" aria-labelledby="loops" data-part="loops">
    <h2 class="vh" id="loops">Three loops, one clock</h2>
    <div class="lhead" aria-hidden="true">
      <span>Three loops, one clock</span>
      <div class="ch">${hours(nowMs)}</div>
      <span>Ticks: changes made. Shaded: still to come.</span>
    </div>
    ${rows.map((row) => loop(row, nowMs))}
  </section>`;
}

/** And those nearer than this to an end. */
const EDGE = 40;
/** A gap as wide as this has room for its words, per mille. */
const WIDE = 120;

function hours(nowMs: number): Html {
  const axis = axisOf(nowMs);
  const now = place(axis, nowMs);
  const labels = fourHours(axis).filter(({ x }) => Math.abs(x - now) > NEAR && x > EDGE && x < WIDTH - EDGE);
  return html`${labels.map(({ x, text }) => html`<span class="lb c ${placeClass(x)}">${text}</span>`)}<span
      class="lb c now ${placeClass(now)}"
      >now ${toIso(nowMs).slice(11, 16)}</span
    >`;
}

function fourHours({ fromMs, toMs }: Stretch): { readonly x: number; readonly text: string }[] {
  const step = 4 * hourMs;
  const first = Math.ceil(fromMs / step) * step;
  const number = Math.floor((toMs - first) / step) + 1;
  return Array.from({ length: number }, (_, index) => {
    const atMs = first + index * step;
    return { x: place({ fromMs, toMs }, atMs), text: toIso(atMs).slice(11, 16) };
  });
}

function loop({ mark, name, text, picture, instead, facts }: LoopRow, nowMs: number): Html {
  return html`<div class="loop">
    <header>
      <h3><span class="i ${mark}"></span>${name}</h3>
      <p>${text}</p>
    </header>
    ${picture === null ? html`<div class="ch blank"><p>${instead}</p></div>` : chart(picture, nowMs)}
    <dl>
      ${facts.map(
        ({ label, value, below }) =>
          html`<div>
            <dt>${label}</dt>
            <dd>${value}<span>${below}</span></dd>
          </div>`,
      )}
    </dl>
  </div>`;
}

/** Targets over time, from 0. First, peak and now are labelled; the sentence says the same. */
export function chart({ what, samples, writes, fixed }: LoopPicture, nowMs: number): Html {
  const axis = axisOf(nowMs);
  const now = place(axis, nowMs);
  const { first, peak, last } = marksOf(samples, axis);
  const most = peak?.value ?? 0;
  const { line, area, gaps } = steps(samples, axis, nowMs, most);
  return html`<div class="ch">
    <svg
      viewBox="0 0 ${WIDTH} ${HEIGHT}"
      preserveAspectRatio="none"
      role="img"
      aria-label="${sentence({ what, samples, writes, fixed }, nowMs)}"
    >
      <rect class="to" x="${unit(now)}" width="${unit(WIDTH - now)}" height="${HEIGHT}" />
      ${gaps.map(([from, to]) => html`<rect class="gap" x="${unit(from)}" width="${unit(to - from)}" height="${HEIGHT}" />`)}
      <path
        class="grid"
        d="${fourHours(axis)
          .map(({ x }) => `M${unit(x)} 0V${HEIGHT}`)
          .join("")}"
      />
      <path class="area" d="${area}" />
      <path class="data" d="${line}" />
      <path class="data plan" d="${fixed.map(({ atMs }) => `M${unit(place(axis, atMs))} 0V${HEIGHT}`).join("")}" />
      <path class="rug" d="${rug(writes, axis)}" />
      <path class="nowline" d="M${unit(now)} 0V${HEIGHT}" />
    </svg>
    ${gaps.map(([from, to]) => (to - from < WIDE ? null : html`<span class="lb c y3 ${placeClass((from + to) / 2)}" aria-hidden="true">not known</span>`))}${first === null ? null : html`<span class="lb y3 wo p0" aria-hidden="true">${first.value}</span>`}${
      peak === null || peak.value <= (last?.value ?? 0) || peak.value === first?.value
        ? null
        : html`<span class="lb y1 ${peak.x > 600 ? "l " : null}${placeClass(peak.x)}" aria-hidden="true"
            >at most ${peak.value}</span
          >`
    }${last === null ? null : html`<span class="lb last y2 ${placeClass(now)}" aria-hidden="true"><b>${last.value}</b> ${what}</span>`}${fixed.map(
      ({ atMs, label }) =>
        html`<span
          class="lb y4 wo ${place(axis, atMs) > 880 ? "l " : null}${placeClass(place(axis, atMs))}"
          aria-hidden="true"
          >${label}</span
        >`,
    )}
  </div>`;
}

interface Mark {
  readonly atMs: number;
  readonly value: number;
  readonly x: number;
}

/** The level at the start of the axis or, if it is not known then, none; the highest of the axis; that of now. */
function marksOf(
  samples: readonly Sample[],
  axis: Stretch,
): { first: Mark | null; peak: Mark | null; last: Mark | null } {
  const marks = samples
    .filter(({ atMs }, index) => atMs >= axis.fromMs || (samples[index + 1]?.atMs ?? Infinity) > axis.fromMs)
    .map(({ atMs, value }) => ({ atMs, value, x: place(axis, atMs) }));
  const known = marks.filter((mark): mark is Mark => mark.value !== null);
  const isKnown = (mark: (typeof marks)[number] | undefined): Mark | null =>
    mark === undefined || mark.value === null ? null : (mark as Mark);
  const peak = known.reduce<Mark | null>(
    (best, mark) => (best === null || mark.value > best.value ? mark : best),
    null,
  );
  const [start] = marks;
  return { first: start !== undefined && start.x === 0 ? isKnown(start) : null, peak, last: isKnown(marks.at(-1)) };
}

/** What the picture says, to be read aloud. */
export function sentence({ what, samples, writes, fixed }: LoopPicture, nowMs: number): string {
  const axis = axisOf(nowMs);
  const { first, peak, last } = marksOf(samples, axis);
  if (last === null) return `How many are ${what} is not known.`;
  const since = toIso(axis.fromMs);
  const parts = [
    first === null ? "" : `${first.value} at ${shortTime(since, nowMs)}`,
    peak === null || peak.value <= last.value ? "" : `at most ${peak.value} at ${shortTime(toIso(peak.atMs), nowMs)}`,
    `${last.value} now`,
  ].filter((part) => part !== "");
  const made = writes.filter((atMs) => atMs >= axis.fromMs).length;
  const ahead = fixed.map(({ atMs, label }) => `${label} at ${shortTime(toIso(atMs), nowMs)}`);
  const written =
    made === 0 ? "Nothing was written." : `${count(made, "change")} ${made === 1 ? "was" : "were"} written.`;
  return `Over the last 18 h, ${what}: ${parts.join(", ")}. ${written}${ahead.length === 0 ? "" : ` To come: ${ahead.join(", ")}.`}`;
}
