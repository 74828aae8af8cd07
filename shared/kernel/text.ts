/** Control characters but tab and line feed, and those that turn the direction of what follows them. */
const unprintable = /[\p{Cc}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/u;

/**
 * Whether a text that people write for others to read shows what is there and comes back from every store as it went in,
 * as the ledger's hashes need it: no control characters, no marks that turn its direction, no half surrogate pairs.
 */
export function isPlain(text: string): boolean {
  return text.isWellFormed() && !unprintable.test(text.replaceAll(/[\t\n]/g, ""));
}
