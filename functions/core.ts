/** Entry point of the app `core`: everything that touches ARM. */
import "./writer/events.trigger.ts";
import "./writer/wake.trigger.ts";
import "./writer/reconcile.orchestrator.ts";
import "./writer/reconcile.activities.ts";
import "./writer/sweeper.timer.ts";
import "./writer/sweep.orchestrator.ts";
import "./writer/sweep.activities.ts";
import "./digest/digest.timer.ts";
