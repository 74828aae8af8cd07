import type { Clock } from "../kernel/clock.ts";

/** Where a launcher may put its own time; the machine's time holds otherwise. */
const seam = Symbol.for("steelyard.businessTime");

/** Business time of this process: the one place from which the product takes it. */
export const businessTime: Clock = {
  now() {
    const source: unknown = Reflect.get(globalThis, seam);
    return typeof source === "function" ? Number(source()) : Date.now();
  },
};
