/** The steps of a pass on one axis of time: what it did is solid, where it waited is dashed, what failed stands out. */
import { fromIso } from "../kernel/clock.ts";
import { html, type Html } from "./html.ts";
import { count, span } from "./words.ts";

export interface PassStepModel {
  readonly name: string;
  readonly from: string | null;
  readonly to: string;
  readonly failure: string | null;
}

const WIDTH = 1_000;
const LANE = 14;
/** A step that took no time that shows is still a step. */
const WIDTH_MIN = 4;

/** Nothing to draw gives nothing. */
export function passPicture(
  steps: readonly PassStepModel[],
  startedAt: string | null,
  endedAt: string | null,
): Html | null {
  const [first] = steps;
  if (first === undefined) return null;
  const from = fromIso(startedAt ?? first.from ?? first.to);
  const to = Math.max(fromIso(endedAt ?? first.to), ...steps.map((step) => fromIso(step.to)));
  const length = Math.max(1, to - from);
  const place = (iso: string): number => Math.round(Math.min(1, Math.max(0, (fromIso(iso) - from) / length)) * WIDTH);
  // One lane for each name, in the order in which they came.
  const lanes = [...new Set(steps.map(({ name }) => name))];
  const height = lanes.length * LANE + 6;
  const marks = steps.map((step) => {
    const y = lanes.indexOf(step.name) * LANE + LANE / 2 + 2;
    const [begin, end] = [place(step.from ?? step.to), place(step.to)];
    if (step.name === "wait") return html`<line class="wait0" x1="${begin}" x2="${end}" y1="${y}" y2="${y}" />`;
    const width = Math.max(WIDTH_MIN, end - begin);
    const x = Math.min(begin, WIDTH - width);
    return html`<rect
      class="${step.failure === null ? "bar0" : "bad"}"
      x="${x}"
      y="${y - 4}"
      width="${width}"
      height="8"
    />`;
  });
  const failed = steps.filter(({ failure }) => failure !== null).length;
  const name = `${count(steps.length, "step")} in ${span(length)}${failed === 0 ? "" : `, ${failed} failed`}: ${lanes.join(", ")}, from top to bottom`;
  return html`<svg
      class="pass"
      viewBox="0 0 ${WIDTH} ${height}"
      preserveAspectRatio="none"
      height="${height * 2}"
      role="img"
      aria-label="${name}"
    >
      <line class="axis" x1="0" x2="${WIDTH}" y1="${height - 1}" y2="${height - 1}" />
      ${marks}
    </svg>
    <p class="sm q">${lanes.join(", ")}, from top to bottom; dashed: waited.</p>`;
}
