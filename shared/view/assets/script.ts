/**
 * The console's one script. Pages work without it; with it a page that shows what waits follows what happens:
 * it asks for its own main part every 15 s with the tag of what it shows. What has changed is put in place unless a
 * person is at it (something in it has the focus or is being pointed at): then a button offers it. A change is announced
 * at most once in ten seconds. A page that is not in sight asks nothing.
 */
export const script = `"use strict";
(() => {
  const POLL_MS = 15000, SAY_MS = 10000;
  const main = document.querySelector("main[data-tag]");
  const live = document.getElementById("live");
  const fresh = document.getElementById("fresh");
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.dataset.sent) return event.preventDefault();
    form.dataset.sent = "1";
    form.setAttribute("aria-busy", "true");
  });
  addEventListener("pageshow", () => document.querySelectorAll("form[data-sent]").forEach((form) => {
    delete form.dataset.sent;
    form.removeAttribute("aria-busy");
  }));
  if (!main || !live || !fresh) return;
  let tag = main.dataset.tag, said = 0;
  const say = (text) => {
    if (performance.now() - said < SAY_MS) return;
    said = performance.now();
    live.textContent = text;
  };
  const busy = () => main.contains(document.activeElement) || main.querySelector("details[open], :hover") !== null;
  const show = (text, next) => {
    main.innerHTML = text;
    tag = next;
    fresh.hidden = true;
    const head = main.querySelector("h1");
    say(head ? head.textContent : "The page has changed.");
  };
  let waiting = null;
  fresh.addEventListener("click", () => { if (waiting) show(...waiting); main.focus(); });
  const ask = async () => {
    if (document.visibilityState !== "visible") return;
    try {
      const answer = await fetch(location.href, { headers: { "X-Steelyard-Part": "main", "If-None-Match": tag }, cache: "no-store" });
      if (answer.status === 304) return;
      if (answer.status === 401) { live.textContent = "Your session has ended. Load the page again to sign in."; return clearInterval(timer); }
      if (!answer.ok) return;
      waiting = [await answer.text(), answer.headers.get("etag") || ""];
      if (busy()) { if (fresh.hidden) { fresh.hidden = false; say("This page has changed. A button at its foot shows it."); } }
      else show(...waiting);
    } catch { /* Not reachable now: what is shown says how old it is. */ }
  };
  const timer = setInterval(ask, POLL_MS);
})();
`;
