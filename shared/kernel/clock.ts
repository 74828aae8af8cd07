/** Business time: windows, schedules, ends. Never read from `Date` in the product's decisions. */
export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number;
}

export const minuteMs = 60_000;
export const hourMs = 60 * minuteMs;
export const dayMs = 24 * hourMs;

/** ISO 8601 in UTC with milliseconds, the form in which every record keeps a time: its text order is time's order. */
export function toIso(ms: number): string {
  // oxlint-disable-next-line no-restricted-globals -- formats a given time; does not read the machine's
  return new Date(ms).toISOString();
}

/** Milliseconds since the epoch of an ISO 8601 text; NaN when it is none. */
export function fromIso(text: string): number {
  // oxlint-disable-next-line no-restricted-globals -- parses a given time; does not read the machine's
  return Date.parse(text);
}
