/**
 * Event subscriptions: which events go to which queue, in which schema, for how long. Names and limits are those of
 * Microsoft.EventGrid/eventSubscriptions; what isn't here (webhooks, labels, batching, filters on arrays, delivery
 * properties) is refused by the schema.
 */
import { z } from "zod";
import type { EventGridEvent } from "./events.ts";

/** Limits of the service per event subscription (Microsoft Learn, event-filtering). */
const ADVANCED_FILTERS_MAX = 25;
const FILTER_VALUES_MAX = 25;
const FILTER_VALUE_LENGTH_MAX = 512;
const ATTEMPTS_MAX = 30;
const TIME_TO_LIVE_MAX_MINUTES = 1_440;

const advancedFilterSchema = z.strictObject({
  operatorType: z.enum(["StringIn", "StringNotIn", "StringBeginsWith", "StringContains"]),
  /** A property of the Event Grid schema; system topics have that as input schema whatever they deliver in. */
  key: z.string().regex(/^(id|topic|subject|eventType|dataVersion|data(\.[^.]+){1,4})$/, {
    error: (issue) => `expected id, topic, subject, eventType, dataVersion or data.NAME, found ${String(issue.input)}`,
  }),
  values: z.array(z.string().max(FILTER_VALUE_LENGTH_MAX)).min(1).max(FILTER_VALUES_MAX),
});

const filterSchema = z.strictObject({
  /** All types when left out. */
  includedEventTypes: z.array(z.string().min(1)).min(1).optional(),
  subjectBeginsWith: z.string().default(""),
  subjectEndsWith: z.string().default(""),
  isSubjectCaseSensitive: z.boolean().default(false),
  /** All must hold; of one filter's values, one. */
  advancedFilters: z
    .array(advancedFilterSchema)
    .max(ADVANCED_FILTERS_MAX)
    .refine((filters) => filters.reduce((sum, { values }) => sum + values.length, 0) <= FILTER_VALUES_MAX, {
      error: `at most ${FILTER_VALUES_MAX} values over all advanced filters`,
    })
    .default([]),
});

const eventSubscriptionSchema = z.strictObject({
  name: z.string().regex(/^[\w-]{3,64}$/, { error: "expected 3 to 64 letters, digits and dashes" }),
  /** The system topic that it hangs on, as `/subscriptions/{id}`; left out: that of every subscription. */
  topic: z.string().startsWith("/subscriptions/").optional(),
  destination: z.strictObject({ queue: z.string().min(1) }),
  filter: filterSchema.prefault({}),
  eventDeliverySchema: z.enum(["EventGridSchema", "CloudEventSchemaV1_0"]).default("EventGridSchema"),
  retryPolicy: z
    .strictObject({
      maxDeliveryAttempts: z.int().min(1).max(ATTEMPTS_MAX).default(ATTEMPTS_MAX),
      eventTimeToLiveInMinutes: z.int().min(1).max(TIME_TO_LIVE_MAX_MINUTES).default(TIME_TO_LIVE_MAX_MINUTES),
    })
    .prefault({}),
  /** Whether what can't be delivered is kept; without it such an event is gone. */
  deadLetter: z.boolean().default(false),
});

/** As the engine takes it: what has a default may be left out. */
export type EventSubscription = z.input<typeof eventSubscriptionSchema>;
export type ParsedSubscription = z.infer<typeof eventSubscriptionSchema>;
type AdvancedFilter = z.infer<typeof advancedFilterSchema>;

/** Reads the event subscriptions by name; throws an error that names what Event Grid would not take. */
export function parseSubscriptions(subscriptions: readonly EventSubscription[]): Map<string, ParsedSubscription> {
  const byName = new Map<string, ParsedSubscription>();
  for (const subscription of subscriptions) {
    const result = eventSubscriptionSchema.safeParse(subscription);
    if (!result.success)
      throw new Error(`event subscription ${subscription.name}: ${z.prettifyError(result.error)}`, {
        cause: result.error,
      });
    if (byName.has(result.data.name)) throw new Error(`two event subscriptions have the name ${result.data.name}`);
    byName.set(result.data.name, result.data);
  }
  return byName;
}

/** Whether the event goes to this subscription. All comparisons but the subject's, on request, ignore case. */
export function matches(event: EventGridEvent, subscription: ParsedSubscription): boolean {
  const { filter, topic } = subscription;
  if (topic !== undefined && !same(topic, event.topic)) return false;
  const { includedEventTypes: types, isSubjectCaseSensitive } = filter;
  if (types !== undefined && !types.some((type) => same(type, event.eventType))) return false;
  const fold = (text: string): string => (isSubjectCaseSensitive ? text : text.toLowerCase());
  const subject = fold(event.subject);
  return (
    subject.startsWith(fold(filter.subjectBeginsWith)) &&
    subject.endsWith(fold(filter.subjectEndsWith)) &&
    filter.advancedFilters.every((advanced) => holds(advanced, event))
  );
}

/** A key that isn't there, or holds something else than text, is in no list: only StringNotIn holds for it. */
function holds(filter: AdvancedFilter, event: EventGridEvent): boolean {
  const value = valueAt(event, filter.key);
  const text = typeof value === "string" ? value.toLowerCase() : undefined;
  const any = (test: (wanted: string) => boolean): boolean =>
    filter.values.some((wanted) => test(wanted.toLowerCase()));
  switch (filter.operatorType) {
    case "StringIn":
      return any((wanted) => text === wanted);
    case "StringNotIn":
      return !any((wanted) => text === wanted);
    case "StringBeginsWith":
      return text !== undefined && any((wanted) => text.startsWith(wanted));
    case "StringContains":
      return text !== undefined && any((wanted) => text.includes(wanted));
  }
}

function valueAt(event: EventGridEvent, key: string): unknown {
  let value: unknown = event;
  for (const step of key.split(".")) {
    if (typeof value !== "object" || value === null || !Object.hasOwn(value, step)) return undefined;
    value = (value as Record<string, unknown>)[step];
  }
  return value;
}

function same(left: string, right: string): boolean {
  return left.toLowerCase() === right.toLowerCase();
}
