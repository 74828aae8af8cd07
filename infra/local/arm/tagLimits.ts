/** Limits of Azure resource tags: 50 a resource, names of 512 and (by the schemas) values of 256 characters. */
import { ArmRefusal } from "./errors.ts";
import type { Tags } from "./model.ts";

export const TAGS_MAX = 50;
export const TAG_NAME_CHARS_MAX = 512;

/**
 * Checks the limits of tags.
 * @throws ArmRefusal 400.
 */
export function checkTags(given: Tags): void {
  const names = Object.keys(given);
  if (names.length > TAGS_MAX) {
    throw new ArmRefusal(
      400,
      "InvalidTagCount",
      `The number of tags provided '${names.length}' exceeds the maximum allowed '${TAGS_MAX}'.`,
    );
  }
  const bad = names.find((name) => name === "" || name.length > TAG_NAME_CHARS_MAX || /[<>%&\\?/]/.test(name));
  if (bad === undefined) return;
  throw new ArmRefusal(
    400,
    "InvalidTagNameCharacters",
    `The tag name '${bad}' is empty, too long or has one of <>%&\\?/.`,
  );
}
