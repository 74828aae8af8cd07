/** The .NET TimeSpan notation of host.json and of interval schedules: `[d.]hh:mm:ss`. */

const pattern = /^(?:(?<days>\d+)\.)?(?<hours>\d{1,2}):(?<minutes>\d{2}):(?<seconds>\d{2})$/;

/**
 * Milliseconds of a TimeSpan; undefined when the text is none. `24:00:00` is refused: .NET reads it as 24 days, its
 * author means one day (`1.00:00:00`).
 */
export function parseTimeSpan(text: string): number | undefined {
  const groups = pattern.exec(text)?.groups;
  if (groups === undefined) return undefined;
  const days = Number(groups["days"] ?? 0);
  const hours = Number(groups["hours"]);
  const minutes = Number(groups["minutes"]);
  const seconds = Number(groups["seconds"]);
  if (hours > 23 || minutes > 59 || seconds > 59) return undefined;
  return (((days * 24 + hours) * 60 + minutes) * 60 + seconds) * 1000;
}
