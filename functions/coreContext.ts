import { buildCore } from "../shared/app/wiring.ts";

/** Built when the app is loaded, so that a bad setting stops the start. */
export const core = buildCore();
