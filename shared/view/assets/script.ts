/** The console's one script. Pages work without it, and read as documents. */
import { copy } from "./copy.ts";
import { keys } from "./keys.ts";
import { live } from "./live.ts";
import { manners } from "./manners.ts";

export const script = `"use strict";\n${[manners, keys, copy, live].join("\n")}`;
