/**
 * The beam: one graduation per target, in groups by kind; each that is not as it should be hangs a weight. A count, not a
 * scale: a weight's place is its target's place in the group, nothing else.
 */
import { placeClass, unit, WIDTH } from "./charts.ts";
import { html, type Html } from "./html.ts";
import { statusWord } from "./parts.ts";
import type { Tone } from "./proposalModel.ts";
import { count, grouped } from "./words.ts";

export interface Weight {
  /** Place of its target among those of the group, from 0. */
  readonly index: number;
  readonly tone: Tone;
  readonly word: string;
  readonly name: string;
  readonly what: string;
  readonly href: string;
}

export interface BeamGroup {
  /** `deployments`. */
  readonly label: string;
  readonly count: number;
  /** Heaviest first. */
  readonly weights: readonly Weight[];
}

/** Weights that have a label; the rest is a number. */
export const WEIGHTS_MAX = 6;
/** Above so many targets a graduation stands for ten of them. */
const EACH_MAX = 300;
const TENS = 10;
/** Widest distance of two graduations, per mille: a few targets make a short beam. */
const STEP_MAX = 16;
/** Between groups, per mille of the width. */
const GAP = 22;
/** Room that a label needs, per mille; the narrowest page on which labels stand beside each other is 1,180 px. */
const LABEL = 158;

interface Laid {
  readonly weight: Weight;
  /** Of its graduation, per mille. */
  readonly at: number;
}

/** @param rest where the weights without a label are listed */
export function beam(groups: readonly BeamGroup[], rest: string): Html | null {
  const shown = groups.filter((group) => group.count > 0);
  const all = shown.reduce((sum, group) => sum + group.count, 0);
  if (all === 0) return null;
  const each = all > EACH_MAX ? TENS : 1;
  const parts = layOut(shown, each);
  const laid = hangAll(parts, each);
  const hung = heaviest(laid);
  const weights = laid.length;
  const labels = spread(hung.map(({ at }) => at));
  return html`<div class="beams" data-part="beam">
    <ul class="groups" aria-hidden="true">
      ${parts.map(({ from, label, count }, index) => html`<li class="${placeClass(from)}${index > 0 && from > WIDTH - 120 ? " last" : null}"><b>${grouped(count)}</b> ${label}</li>`)}
    </ul>
    <svg
      class="beam"
      viewBox="0 0 ${WIDTH} 20"
      preserveAspectRatio="none"
      role="img"
      aria-label="${sentence(shown, weights)}"
    >
      ${parts.map(({ from, to, ticks }) => html`<path class="tick" d="${ticks}" /><path class="arm" d="M${unit(from)} 19H${unit(to)}" />`)}${stubs(laid)}
    </svg>
    ${
      hung.length === 0
        ? null
        : html`<svg class="cords" viewBox="0 0 ${WIDTH} 14" preserveAspectRatio="none" aria-hidden="true">
              ${hung.map(({ at }, index) => html`<path d="M${unit(at)} 0V5L${unit(labels[index] ?? at)} 14" />`)}
            </svg>
            <ul class="weights">
              ${hung.map(({ weight }, index) => item(weight, labels[index] ?? 0))}
            </ul>
            ${weights > hung.length ? html`<p class="rest"><a href="${rest}">and ${grouped(weights - hung.length)} more</a></p>` : null}`
    }
    ${each === 1 ? null : html`<p class="f sm">Each graduation stands for ${each} targets.</p>`}
  </div>`;
}

function item({ tone, word, name, what, href }: Weight, at: number): Html {
  return html`<li class="${tone} ${placeClass(at)}">
    ${statusWord(tone, word)}<a href="${href}"><code>${name}</code></a
    ><span class="q">${what}</span>
  </li>`;
}

interface Part extends BeamGroup {
  readonly from: number;
  readonly to: number;
  readonly step: number;
  readonly ticks: string;
}

/** Groups side by side, each as wide as it has graduations. */
function layOut(groups: readonly BeamGroup[], each: number): Part[] {
  const numbers = groups.map((group) => Math.ceil(group.count / each));
  const room = WIDTH - GAP * (groups.length - 1);
  const step = Math.min(STEP_MAX, room / numbers.reduce((sum, number) => sum + number, 0));
  let from = 0;
  return groups.map((group, index) => {
    const number = numbers[index] ?? 0;
    const start = from;
    // Tall ones help to count tens.
    const ticks = Array.from(
      { length: number },
      (_, at) => `M${unit(start + (at + 0.5) * step)} 19v-${(at + 1) % 10 === 0 ? 17 : 11}`,
    );
    from += number * step + GAP;
    return { ...group, from: start, to: start + number * step, step, ticks: ticks.join("") };
  });
}

const rank: readonly Tone[] = ["stop", "wait", "open", "unknown", "work", "met"];

/**
 * Those that get a label, from left to right: the heaviest and, of equals, those that are furthest from the ones chosen
 * already, so that labels stand under what they name. A group's own order says what weighs more.
 */
function heaviest(all: readonly Laid[]): Laid[] {
  const chosen: Laid[] = [];
  const left = all.toSorted((a, b) => rank.indexOf(a.weight.tone) - rank.indexOf(b.weight.tone));
  while (chosen.length < WEIGHTS_MAX && left.length > 0) {
    const [{ weight } = { weight: undefined }] = left;
    const equals = left.filter((laid) => laid.weight.tone === weight?.tone);
    const room = ({ at }: Laid): number => Math.min(LABEL, ...chosen.map((other) => Math.abs(other.at - at)));
    const best = equals.reduce((a, b) => (room(b) > room(a) ? b : a));
    chosen.push(best);
    left.splice(left.indexOf(best), 1);
  }
  return chosen.sort((a, b) => a.at - b.at);
}

/** Every weight, with the place of its graduation. */
function hangAll(parts: readonly Part[], each: number): Laid[] {
  return parts.flatMap(({ weights, from, step }) =>
    weights.map((weight) => ({ weight, at: from + (Math.floor(weight.index / each) + 0.5) * step })),
  );
}

/** A stub under each graduation that hangs a weight: one stroke of a colour for all of them. */
function stubs(all: readonly Laid[]): Html[] {
  return rank.flatMap((tone) => {
    const places = new Set(all.filter(({ weight }) => weight.tone === tone).map(({ at }) => unit(at)));
    return places.size === 0
      ? []
      : [html`<path class="stub ${tone}" d="${[...places].map((at) => `M${at} 20v5`).join("")}" />`];
  });
}

/** Places of labels: each under its graduation where there is room, else pushed aside until none covers another. */
export function spread(places: readonly number[]): number[] {
  const laid: number[] = [];
  for (const place of places) laid.push(Math.max(place, (laid.at(-1) ?? -LABEL) + LABEL));
  let most = WIDTH - LABEL;
  for (let index = laid.length - 1; index >= 0; index -= 1) {
    const place = Math.max(0, Math.min(laid[index] ?? 0, most));
    laid[index] = place;
    most = place - LABEL;
  }
  return laid;
}

function sentence(groups: readonly BeamGroup[], weights: number): string {
  const parts = groups.map((group) => {
    const number = group.weights.length;
    return `${grouped(group.count)} ${group.label}, ${number === 0 ? "all" : `${grouped(number)} not`} as they should be`;
  });
  return `${parts.join("; ")}. ${weights === 0 ? "No weight hangs." : `${count(weights, "weight")} ${weights === 1 ? "hangs" : "hang"}.`}`;
}
