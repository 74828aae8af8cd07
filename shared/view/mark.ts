import { html } from "./html.ts";

/** A balance with a sliding weight. */
export const mark = html`<svg class="mk" viewBox="0 0 32 32" aria-hidden="true">
  <path d="M2.500 11h27M10.500 11V6.500M6 11v4M23 11v4.500" />
  <path d="M2 15.500h8a4 4 0 0 1-8 0z" />
  <path class="w" d="M21 15.500h4l2 9h-8z" />
</svg>`;
