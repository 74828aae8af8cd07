/** One line of JSON per event: a constant message, variable data in fields. The host forwards it with its own context. */
export function log(message: string, fields: Readonly<Record<string, unknown>>): void {
  process.stdout.write(`${JSON.stringify({ message, ...fields })}\n`);
}
