/** What will stand where exceptions are asked for and end, and why nothing does yet. */
import { html, type Html } from "./html.ts";
import { emptyPanel, lead, panel } from "./panels.ts";
import { paths } from "./paths.ts";

export function accessPage(): Html {
  return html`${lead({
    title: "No exception is live, and none can be asked for yet",
    below:
      "Every account and deployment is held to the standards alone; a change that was taken back waits beside its standard.",
  })}${panel({
    id: "live-exceptions",
    title: "Live exceptions",
    beside: "soonest end first",
    content: emptyPanel({
      title: "Nothing is open by an exception",
      text: html`An exception will open one account for one person or address, with a reason, an approval and an end. It
      ends by itself: what is not read back as gone is tried again until it is. Until then the only way to hold a
      standard off is to take its change back, for a day.`,
      next: { label: "See what was changed and can be taken back", href: paths.ledger },
    }),
  })}`;
}
