/** Why nothing waits for anybody, as far as the configuration tells. */
import { modeOf, settingsOf, type Config } from "../config/schema.ts";
import { html, type Html } from "./html.ts";
import { paths } from "./shell.ts";
import { count } from "./words.ts";

/** How many findings stand; `more`: at least so many. */
export interface FindingsCount {
  readonly number: number;
  readonly more: boolean;
}

/** @param config undefined when none was applied yet, or it cannot be read */
export function emptyBecause(config: Config | undefined, findings: FindingsCount): Html {
  if (config === undefined) return html`No configuration was applied yet: nothing is looked at, so nothing is asked.`;
  if (config.paused) return html`All writes are paused: what was agreed to waits, and nothing new is asked.`;
  if (config.subscriptions.length === 0)
    return html`No subscription is enrolled: nothing is looked at, so nothing is asked.`;
  const standards = settingsOf(config).length;
  if (standards === 0) return html`No standard is configured, so nothing is asked.`;
  const modes = settingsOf(config).flatMap((setting) => config.environments.names.map((name) => modeOf(setting, name)));
  const see = findings.more ? `${findings.number} findings and more` : count(findings.number, "finding");
  const told =
    findings.number === 0
      ? html`Nothing was found that is not as it should be.`
      : html`<a href="${paths.findings}">See the ${see}</a> that would be asked about or are held.`;
  if (modes.every((mode) => mode === "audit"))
    return html`${
        standards === 1
          ? "The one standard only audits: what it finds"
          : `All ${standards} standards only audit: what they find`
      }
      is told and nothing is asked. ${told} New here? <a href="${paths.tour}">See it happen once</a>.`;
  return html`${count(standards, "standard")} ${standards === 1 ? "is" : "are"} in force. ${told}`;
}
