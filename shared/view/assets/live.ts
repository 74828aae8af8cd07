/**
 * A page that shows what happens asks for its own main part every ten seconds, with the tag of what it shows, and nothing
 * while it is out of sight. What has changed is put in place part by part (`data-part`). A part that a person is at (it is
 * pointed at, has the focus or something open) stays as it is, and where it is; then a button offers the change. A changed
 * first sentence is announced, at most once in ten seconds. When nobody answers, the bar says how old the picture is.
 */
export const live = `(() => {
  const POLL_MS = 10000, SAY_MS = 10000;
  const main = document.querySelector("main[data-tag]");
  const out = document.getElementById("live"), fresh = document.getElementById("fresh");
  const read = document.getElementById("read"), age = document.getElementById("age");
  if (!main || !out || !fresh) return;
  let tag = main.dataset.tag, saidAt = -SAY_MS, next = "", due = 0, heard = performance.now(), missed = 0, waiting = null;
  const speak = () => { saidAt = performance.now(); due = 0; out.textContent = next; };
  const say = (text) => {
    next = text;
    const wait = saidAt + SAY_MS - performance.now();
    if (wait <= 0) speak(); else if (!due) due = setTimeout(speak, wait);
  };
  const busy = (part) => part.contains(document.activeElement) || part.matches(":hover") || part.querySelector("details[open], :hover") !== null;
  const parts = (from) => [...from.querySelectorAll("[data-part]")];
  const head = () => { const title = main.querySelector("h1"); return title ? title.textContent.replace(/\\s+/g, " ").trim() : ""; };
  /** Whether all of it is in place now. */
  const show = (text, force) => {
    const draft = new DOMParser().parseFromString(text, "text/html").body;
    const old = parts(main), made = parts(draft);
    const names = (list) => list.map((part) => part.dataset.part).join(" ");
    if (old.length === 0 || names(old) !== names(made)) {
      if (!force && busy(main)) return false;
      main.replaceChildren(...draft.childNodes);
      return true;
    }
    const held = force ? undefined : old.find(busy), top = held && held.getBoundingClientRect().top;
    let all = true;
    old.forEach((part, at) => {
      if (part.outerHTML === made[at].outerHTML) return;
      if (!force && busy(part)) all = false; else part.replaceWith(made[at]);
    });
    if (held && held.isConnected) scrollBy(0, held.getBoundingClientRect().top - top);
    return all;
  };
  const place = (force) => {
    const before = head(), done = show(waiting, force);
    if (done) waiting = null;
    if (head() !== before) say(head() || "The page has changed.");
    else if (!done && fresh.hidden) say("This page has changed. A button at its foot shows it.");
    fresh.hidden = done;
  };
  fresh.addEventListener("click", () => { if (waiting !== null) place(true); fresh.hidden = true; main.focus(); });
  const told = (answer) => {
    heard = performance.now(); missed = 0;
    const at = answer.headers.get("x-steelyard-read-at"), count = answer.headers.get("x-steelyard-waiting");
    const isStale = answer.headers.get("x-steelyard-stale") === "1";
    if (read && at) {
      read.classList.toggle("late", isStale);
      const time = read.querySelector("time");
      if (time) { time.dateTime = at; time.textContent = at.slice(11, 19); }
      if (age) age.textContent = "";
    }
    const badge = document.getElementById("badge");
    if (badge && count !== null && count !== "0") badge.firstChild.textContent = Number(count) > 99 ? "99+" : count;
    else if (badge && count === "0") badge.remove();
  };
  const silent = () => {
    missed += 1;
    if (!read || !age || missed < 2) return;
    read.classList.add("late");
    age.textContent = ", " + Math.round((performance.now() - heard) / 1000) + " s ago: no answer";
  };
  const ask = async () => {
    if (document.visibilityState !== "visible") return;
    if (waiting !== null) place(false);
    try {
      const answer = await fetch(location.href, { headers: { "X-Steelyard-Part": "main", "If-None-Match": tag }, cache: "no-store" });
      if (answer.status === 401) { say("Your session has ended. Load the page again to sign in."); return clearInterval(timer); }
      if (answer.status === 304) return told(answer);
      if (!answer.ok) return silent();
      told(answer);
      waiting = await answer.text();
      tag = answer.headers.get("etag") || "";
      place(false);
    } catch { silent(); }
  };
  const timer = setInterval(ask, POLL_MS);
  document.addEventListener("visibilitychange", () => { if (document.visibilityState === "visible" && performance.now() - heard > POLL_MS) ask(); });
})();
`;
