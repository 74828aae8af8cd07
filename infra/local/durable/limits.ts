/** Limits of the Durable Functions extension and of its backends, and the bounds of this one. */

const DAY_MS = 86_400_000;

/** A timer further away than this is made of hops (`maximumShortTimerDuration` of the orchestrator payload). */
export const SHORT_TIMER_MAX_MS = 6 * DAY_MS;
/** Length of one hop of a long timer (`longRunningTimerIntervalDuration`). */
export const LONG_TIMER_HOP_MS = 3 * DAY_MS;
/** The same two as .NET prints a TimeSpan, and the pause between polls of callHttp, as the payload carries them. */
export const payloadDurations = {
  longRunningTimerIntervalDuration: "3.00:00:00",
  maximumShortTimerDuration: "6.00:00:00",
  // The misspelling is the protocol's.
  defaultHttpAsyncRequestSleepTimeMillseconds: 30_000,
} as const;

/** No retry interval may be longer: the extension checks it against the longest timer of the storage provider. */
export const RETRY_INTERVAL_MAX_MS = SHORT_TIMER_MAX_MS;

export const INSTANCE_ID_CHARS_MAX = 100;
/** UTF-16 code units of the custom status as JSON: 16 KB in the extension. */
export const CUSTOM_STATUS_CHARS_MAX = 8 * 1024;
/** Durable Task Scheduler refuses a single input, output or event above 1 MiB. */
export const PAYLOAD_BYTES_MAX = 2 ** 20;

/** Instances on one page of a query when it asks for no other number, and the most that it may ask for. */
export const LIST_PAGE_DEFAULT = 100;
export const LIST_PAGE_MAX = 1000;

/** Messages that one turn takes; the rest wait for the next turn of the instance. */
export const MESSAGES_PER_TURN_MAX = 1000;
/** Turns and activities under way at once, over all attached hosts (extension: 10 per core, on two cores). */
export const CONCURRENT_TURNS = 20;
export const CONCURRENT_ACTIVITIES = 20;
/** Live instances whose parsed history stays in memory; others are read again. */
export const CACHED_INSTANCES_MAX = 2000;

/** Whether Durable Task Scheduler refuses this input, output or event. */
export function isTooLarge(payload: string | null): payload is string {
  // A UTF-16 code unit is at most 3 bytes of UTF-8: most texts need no counting.
  return payload !== null && payload.length * 3 > PAYLOAD_BYTES_MAX && Buffer.byteLength(payload) > PAYLOAD_BYTES_MAX;
}

/** `what` names the payload at the beginning of a sentence. */
export function tooLarge(what: string, payload: string): string {
  return `${what} has ${Buffer.byteLength(payload)} bytes; Durable Task Scheduler takes at most ${PAYLOAD_BYTES_MAX}.`;
}

/** Why an instance cannot have this id; undefined when it can. */
export function refuseInstanceId(id: string): string | undefined {
  if (id.startsWith("@")) return `Orchestration instance IDs must not start with @ (found '${id}').`;
  if (id.length > INSTANCE_ID_CHARS_MAX) {
    return `Orchestration instance IDs must not be longer than ${INSTANCE_ID_CHARS_MAX} characters (found ${id.length}).`;
  }
  // eslint-disable-next-line no-control-regex -- control characters are what is looked for
  if (id === "" || /[/\\#?\u0000-\u001f\u007f-\u009f]/.test(id)) {
    return `Orchestration instance IDs must not be empty or contain /, \\, #, ? or control characters (found ${JSON.stringify(id)}).`;
  }
  return undefined;
}
