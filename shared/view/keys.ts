/** The list of keys. Single keys can be switched off here: speech input would press them by itself. */
import { html } from "./html.ts";
import { entries } from "./navigation.ts";

export const keysDialog = html`<dialog id="keys" aria-labelledby="keys-title">
  <div class="head">
    <h2 id="keys-title">Keys</h2>
    <form method="dialog"><button class="btn small">Close</button></form>
  </div>
  <dl class="keylist">
    <div>
      <dt><kbd>/</kbd></dt>
      <dd>find on this page, or in the estate</dd>
    </div>
    ${entries.map(
      ({ key, label }) =>
        html`<div>
          <dt><kbd>g</kbd> <kbd>${key}</kbd></dt>
          <dd>go to ${label}</dd>
        </div>`,
    )}
    <div>
      <dt><kbd>?</kbd></dt>
      <dd>this list</dd>
    </div>
    <div>
      <dt><kbd>Esc</kbd></dt>
      <dd>close what is open</dd>
    </div>
  </dl>
  <label><input type="checkbox" id="keys-off" /> Leave these keys to me: only Esc does anything</label>
</dialog>`;
