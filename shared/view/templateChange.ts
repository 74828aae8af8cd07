/** What to change in a template, in each language; a button copies it where a script runs. */
import { hashOf } from "../kernel/canonicalJson.ts";
import type { TemplatePatch } from "../desired/template.ts";
import { html, type Html } from "./html.ts";

/** In a list: what is longer stands on the page of its resource. */
const CHARACTERS_MAX = 1_200;

export function isShort({ bicep, terraform, json }: TemplatePatch): boolean {
  return bicep.length + terraform.length + JSON.stringify(json, null, 2).length <= CHARACTERS_MAX;
}

/** @param id of the document that holds it, in partition `pk`: together they name the texts on a page */
export function templateChange({ bicep, terraform, json }: TemplatePatch, id: string, pk: string): Html {
  const texts = [
    { name: "Bicep", text: bicep },
    { name: "Terraform", text: terraform },
    { name: "JSON", text: JSON.stringify(json, null, 2) },
  ];
  const base = `patch-${hashOf([id, pk]).slice(0, 10)}`;
  return html`<details class="patch">
    <summary>What to change in the template</summary>
    ${texts.map(({ name, text }, index) => {
      const own = `${base}-${index}`;
      return html`<div class="code">
        <p class="line sm">
          <b>${name}</b
          ><button class="btn small" type="button" data-copy="${own}" hidden>
            <span class="i i-copy"></span>Copy<span class="vh"> ${name}</span>
          </button>
        </p>
        <pre class="raw" id="${own}" tabindex="0" aria-label="${name}">${text}</pre>
      </div>`;
    })}
  </details>`;
}
