import { z } from "zod";

const pattern =
  /^(?<sign>-)?P(?:(?<weeks>\d+)W)?(?:(?<days>\d+)D)?(?:T(?=\d)(?:(?<hours>\d+)H)?(?:(?<minutes>\d+)M)?(?:(?<seconds>\d+(?:\.\d{1,3})?)S)?)?$/;

const unitsMs = { weeks: 604_800_000, days: 86_400_000, hours: 3_600_000, minutes: 60_000, seconds: 1000 } as const;

/**
 * Milliseconds of an ISO 8601 duration (`PT8H`, `P1DT30M`, `-PT5M`); undefined when the text is none. Years and months
 * are refused, because they are of no fixed length.
 */
export function parseDuration(text: string): number | undefined {
  const groups = pattern.exec(text)?.groups;
  if (groups === undefined) return undefined;
  let totalMs = 0;
  let parts = 0;
  for (const [unit, unitMs] of Object.entries(unitsMs)) {
    const value = groups[unit];
    if (value === undefined) continue;
    totalMs += Number(value) * unitMs;
    parts += 1;
  }
  if (parts === 0) return undefined;
  return groups["sign"] === undefined ? totalMs : -totalMs;
}

/** An ISO 8601 duration of at least zero. */
export const durationText = z
  .string()
  .refine((text) => (parseDuration(text) ?? -1) >= 0, {
    error: "expected an ISO 8601 duration of weeks, days, hours, minutes and seconds, such as PT8H",
  })
  .meta({ description: "ISO 8601 duration without years and months", examples: ["PT8H"] });

/** An ISO 8601 duration; a leading minus makes it negative. */
export const signedDurationText = z
  .string()
  .refine((text) => parseDuration(text) !== undefined, {
    error: "expected an ISO 8601 duration, such as PT5M or -PT5M",
  })
  .meta({ description: "ISO 8601 duration, negative with a leading minus", examples: ["-PT5M"] });
