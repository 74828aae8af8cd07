/**
 * Limits of Azure Service Bus, standard tier ("Service Bus quotas", learn.microsoft.com/azure/service-bus-messaging;
 * the 128 characters are also enforced by @azure/service-bus 7.9.5).
 */

export const MESSAGE_ID_MAX_CHARS = 128;
export const SESSION_ID_MAX_CHARS = 128;
export const PARTITION_KEY_MAX_CHARS = 128;

/** 256 KB: a message with its properties, and also a batch of messages. */
export const MESSAGE_MAX_BYTES = 262_144;
/** 64 KB: all properties of a message together. */
export const PROPERTIES_MAX_BYTES = 65_536;
/** Smallest size that a queue can be given (1 GB); a fuller queue refuses messages. */
export const QUEUE_MAX_BYTES = 2 ** 30;

export const QUEUE_NAME_MAX_CHARS = 260;
/** 5 minutes. */
export const LOCK_DURATION_MAX_S = 300;
export const MAX_DELIVERY_COUNT_MAX = 2000;
/** 20 seconds to 7 days. */
export const DUPLICATE_WINDOW_MIN_S = 20;
export const DUPLICATE_WINDOW_MAX_S = 7 * 86_400;

/** Ours: messages that one peek returns at most; together they also stay below {@link MESSAGE_MAX_BYTES}. */
export const PEEK_MAX_MESSAGES = 250;
/** Ours: messages that `waitingOn` names; the rest is counted. */
export const WAITING_NAMED_MAX = 100;
/** The reason and the description of a dead letter, each. */
export const DEAD_LETTER_TEXT_MAX_CHARS = 4096;
