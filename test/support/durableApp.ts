/** The functions of durableFunctions.ts, registered in this process. */
import "./functionsCore.ts";

export { knobs, resetApp, runs } from "./durableFunctions.ts";
