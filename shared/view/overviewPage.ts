/** How it is, what waits, what changed: one sentence, the beam, the loops, and the two lists that people act on. */
import { beam } from "./beam.ts";
import { changedPanel, type ChangedModel } from "./changedPanel.ts";
import { html, type Html } from "./html.ts";
import { loopsPanel, type LoopRow } from "./loops.ts";
import { lead } from "./panels.ts";
import { paths } from "./paths.ts";
import { glanceRow, type Glance } from "./pulse.ts";
import { verdict, type VerdictInput } from "./verdict.ts";
import { waitingPanel, type WaitingModel } from "./waitingPanel.ts";

export interface OverviewModel {
  readonly verdict: VerdictInput;
  /** Empty where no configuration can be read. */
  readonly glance: readonly Glance[];
  readonly loops: readonly LoopRow[];
  readonly waiting: WaitingModel;
  readonly changed: ChangedModel;
  readonly stale: Html | null;
  readonly nowMs: number;
}

export function overviewPage(model: OverviewModel): Html {
  const { title, below } = verdict(model.verdict);
  const isPaused = model.verdict.standstill.kind === "paused";
  return html`${lead({
      title,
      isVerdict: true,
      below,
      actions:
        model.verdict.standstill.kind === "nothing"
          ? null
          : html`<a class="btn" href="${paths.configuration}/plan?do=${isPaused ? "resume" : "pause"}"
              >${isPaused ? "End the pause" : "Pause all writes"}</a
            >`,
    })}${model.stale}${beam(model.verdict.counted.groups, paths.estate)}${model.glance.length === 0 ? null : glanceRow(model.glance)}${
      model.loops.length === 0 ? null : loopsPanel(model.loops, model.nowMs)
    }
    <div class="two rev">${waitingPanel(model.waiting)}${changedPanel(model.changed)}</div>`;
}
