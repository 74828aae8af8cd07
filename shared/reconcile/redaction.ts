/** What of a message may be kept: nothing that says who somebody is. */

const EXCERPT_CHARACTERS_MAX = 2_000;

/** A message may come as text; of text that cannot be read it is not known what is personal in it, so none is kept. */
export function excerptOf(message: unknown): string {
  const readable = readableOf(message);
  if (readable === undefined) return `${String(message).length} characters that are not JSON`;
  return JSON.stringify(withoutClaims(readable) ?? null).slice(0, EXCERPT_CHARACTERS_MAX);
}

/** Longer than any ID, type or time of Azure's; what is longer is none. */
const TEXT_CHARACTERS_MAX = 1_024;

const envelope = ["id", "eventType", "eventTime", "specversion", "type", "time", "source", "subject"] as const;
const data = ["resourceUri", "operationName", "correlationId"] as const;

/**
 * What intake reads of an event, without its claims: enough to be taken in again. Who wrote is not in it, so a look that
 * follows from it tells of nobody. Undefined when the message names no resource.
 */
export function replayableOf(message: unknown): Readonly<Record<string, unknown>> | undefined {
  const readable = readableOf(message);
  const event: unknown = Array.isArray(readable) && readable.length === 1 ? readable[0] : readable;
  const kept = textsOf(event, envelope);
  const keptData = textsOf((event as { readonly data?: unknown } | null | undefined)?.data, data);
  return keptData["resourceUri"] === undefined ? undefined : { ...kept, data: keptData };
}

function textsOf(value: unknown, names: readonly string[]): Record<string, string> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return {};
  const texts = names.flatMap((name): [string, string][] => {
    const text: unknown = Object.hasOwn(value, name) ? (value as Record<string, unknown>)[name] : undefined;
    return typeof text === "string" && text.length <= TEXT_CHARACTERS_MAX ? [[name, text.toWellFormed()]] : [];
  });
  return Object.fromEntries(texts);
}

function readableOf(message: unknown): unknown {
  if (typeof message !== "string") return message;
  try {
    return JSON.parse(message) as unknown;
  } catch {
    // Text that is not JSON: the same as nothing readable.
    return undefined;
  }
}

/** Claims and the HTTP request of an event are personal data. */
function withoutClaims(value: unknown, depth = 0): unknown {
  if (typeof value !== "object" || value === null || depth > 8) return typeof value === "object" ? null : value;
  if (Array.isArray(value)) return value.slice(0, 10).map((item) => withoutClaims(item, depth + 1));
  return Object.fromEntries(
    Object.entries(value)
      .filter(([name]) => !["claims", "httprequest", "authorization"].includes(name.toLowerCase()))
      .map(([name, member]) => [name, withoutClaims(member, depth + 1)]),
  );
}
