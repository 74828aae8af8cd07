/** What the auditor finds fault with. */
export interface Violation {
  /** Number of the invariant as the design names it, such as `I12`. */
  readonly invariant: string;
  readonly message: string;
  /** True time, milliseconds since the epoch. */
  readonly atMs: number;
}

/** More than these say nothing new. */
const VIOLATIONS_MAX = 20;

export class Report {
  readonly violations: Violation[] = [];
  nowMs: () => number = () => 0;

  /** Notes a violation unless the condition holds; answers the condition. */
  expect(condition: boolean, invariant: string, message: () => string): boolean {
    if (!condition && this.violations.length < VIOLATIONS_MAX) {
      this.violations.push({ invariant, message: message(), atMs: this.nowMs() });
    }
    return condition;
  }
}
