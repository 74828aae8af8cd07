import { sweepPage } from "../../shared/reconcile/sweep/page.ts";
import { core } from "../coreContext.ts";
import { activity } from "../durable.ts";

activity("sweepPage", ({ isLast }: { isLast: boolean }) => sweepPage(core, isLast));
