import { accessPage } from "../../../shared/view/accessPage.ts";
import { capacityPage } from "../../../shared/view/capacityPage.ts";
import { badgeOf } from "./badge.ts";
import { page } from "./page.ts";

/** Loops that do not run yet: their pages say what will be there, and why it is empty. */
page("consoleAccess", "console/access", async ({ viewer, nowMs }) => ({
  title: "Access",
  current: "access",
  waiting: await badgeOf(viewer, nowMs),
  readAt: null,
  main: accessPage(),
}));

page("consoleCapacity", "console/capacity", async ({ viewer, nowMs }) => ({
  title: "Capacity",
  current: "capacity",
  waiting: await badgeOf(viewer, nowMs),
  readAt: null,
  main: capacityPage(),
}));
