/** Action patterns of role definitions: case-insensitive, `*` stands for any text, slashes included. */

const compiled = new Map<string, RegExp>();

/** Patterns come from role definitions and conditions; more than this many are not kept compiled. */
const COMPILED_MAX = 10_000;

export function matchesAction(pattern: string, action: string): boolean {
  if (pattern === "*") return true;
  if (!pattern.includes("*")) return pattern.toLowerCase() === action.toLowerCase();
  let expression = compiled.get(pattern);
  if (expression === undefined) {
    const source = pattern
      .split("*")
      .map((part) => part.replace(/[.+?^${}()|[\]\\]/g, "\\$&"))
      .join(".*");
    expression = new RegExp(`^${source}$`, "i");
    if (compiled.size < COMPILED_MAX) compiled.set(pattern, expression);
  }
  return expression.test(action);
}
