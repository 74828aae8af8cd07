/** Light, dark or as the system is. Kept in a cookie, so that a page comes in the right one and nothing flashes. */

export const themes = ["system", "light", "dark"] as const;
export type Theme = (typeof themes)[number];

/** Read and written by the script as well, where there is one; it tells nobody anything. */
export const themeCookie = "steelyard-theme";

/** Anything else than a theme is the system's. */
export function themeOf(text: string | null | undefined): Theme {
  return themes.find((theme) => theme === text) ?? "system";
}
