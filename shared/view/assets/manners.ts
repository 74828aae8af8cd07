/**
 * A form is sent once. The theme changes at once and is kept in its cookie. Menus close when a person goes elsewhere.
 * Filters apply when they are chosen.
 */
import { themeCookie } from "../theme.ts";

export const manners = `(() => {
  const root = document.documentElement;
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.id === "themes") return theme(event);
    if (form.method !== "post") return;
    if (form.dataset.sent) return event.preventDefault();
    form.dataset.sent = "1";
    form.setAttribute("aria-busy", "true");
  });
  addEventListener("pageshow", () => document.querySelectorAll("form[data-sent]").forEach((form) => {
    delete form.dataset.sent;
    form.removeAttribute("aria-busy");
  }));
  const theme = (event) => {
    const chosen = event.submitter && event.submitter.value;
    if (!chosen) return;
    event.preventDefault();
    if (chosen === "system") delete root.dataset.theme; else root.dataset.theme = chosen;
    const secure = location.protocol === "https:" ? ";secure" : "";
    document.cookie = "${themeCookie}=" + chosen + ";path=/api/console;max-age=31536000;samesite=lax" + secure;
    for (const button of event.target.querySelectorAll("button")) button.setAttribute("aria-pressed", String(button.value === chosen));
  };
  const closeMenus = (but) => document.querySelectorAll("details.drop[open]").forEach((menu) => { if (menu !== but) menu.open = false; });
  document.addEventListener("click", (event) => closeMenus(event.target.closest("details.drop")));
  document.addEventListener("focusin", (event) => closeMenus(event.target.closest("details.drop")));
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    const menu = document.querySelector("details.drop[open]");
    if (menu) { menu.open = false; return menu.querySelector("summary").focus(); }
    if (document.querySelector("dialog[open]")) return;
    const close = document.querySelector("a[data-close]");
    if (close) close.click();
  });
  document.addEventListener("change", (event) => {
    const form = event.target.closest("form[data-auto]");
    if (form && event.target.tagName === "SELECT") form.requestSubmit();
  });
})();`;
