import { parse } from "../../../shared/kernel/parse.ts";
import { appRoles } from "../../../shared/ports/tokens.ts";
import { themeCookie, themes } from "../../../shared/view/theme.ts";
import { z } from "zod";
import { action } from "./page.ts";
import { localPath, preference } from "./session.ts";

const themeSchema = z.strictObject({ csrf: z.string(), theme: z.enum(themes), return: z.string().max(1_000) });

/** Where there is no script; with one the browser writes the cookie itself. */
action("consoleTheme", "console/theme", appRoles, ({ form }) => {
  const { theme, return: back } = parse(themeSchema, Object.fromEntries(form), "form");
  return Promise.resolve({ to: localPath(back), cookies: [preference(themeCookie, theme)] });
});
