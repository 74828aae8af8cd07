/** What will stand where PTU and tokens are allotted, and why nothing does yet. */
import { html, type Html } from "./html.ts";
import { emptyPanel, lead, panel } from "./panels.ts";
import { paths } from "./paths.ts";

export function capacityPage(): Html {
  return html`${lead({
    title: "No capacity is moved yet",
    below: "Deployments keep the capacity that their owners gave them. Nothing here reads demand or prices so far.",
  })}${panel({
    id: "pools",
    title: "Pools",
    beside: "PTU and tokens a minute, by region and model",
    content: emptyPanel({
      title: "No pool is read",
      text: html`Each pool will show what is allotted to whom, the demand on it, the moves that were made and what each
      was worth an hour, and the moves that something stood in the way of. A move never goes under a floor or above the
      quota.`,
      next: { label: "See the capacity of each deployment", href: paths.estate },
    }),
  })}`;
}
