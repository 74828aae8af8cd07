/** Template functions on times, after the pages on date functions of templates and on policy functions. */
import type { Json } from "../../kernel/canonicalJson.ts";
import { fixed, ranged, whole, words, type FunctionTable } from "./arguments.ts";
import { added, parseDuration, parseInstant, written, type Instant } from "./instant.ts";
import { unusable } from "./refusal.ts";

export const dateFunctions: FunctionTable = {
  addDays: fixed(2, ([a, b]) => {
    const instant = read("addDays", a);
    return written("addDays()", added(instant, { months: 0, milliseconds: whole("addDays", b) * DAY_MS }));
  }),
  dateTimeAdd: ranged(2, 3, ([a, b, c]) => {
    const duration = parseDuration(words("dateTimeAdd", b));
    if (duration === undefined) throw unusable("dateTimeAdd()", "another text", "a duration such as P3D or -PT1H");
    const form = c === undefined ? undefined : words("dateTimeAdd", c);
    return written("dateTimeAdd()", added(read("dateTimeAdd", a), duration), form);
  }),
  dateTimeFromEpoch: fixed(1, ([a]) =>
    written("dateTimeFromEpoch()", { ms: whole("dateTimeFromEpoch", a) * 1000, offsetMinutes: 0 }),
  ),
  dateTimeToEpoch: fixed(1, ([a]) => Math.floor(read("dateTimeToEpoch", a).ms / 1000)),
};

const DAY_MS = 86_400_000;

function read(name: string, value: Json | undefined): Instant {
  const found = parseInstant(words(name, value));
  if (found === undefined) throw unusable(`${name}()`, "another text", "a time such as 2026-01-31T12:00:00Z");
  return found;
}
