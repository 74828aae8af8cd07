/** Single keys: "/" finds, "g" and a letter goes, "?" lists them. Off where a person types, with a modifier, or for good. */
export const keys = `(() => {
  const dialog = document.getElementById("keys");
  if (!dialog) return;
  const off = document.getElementById("keys-off");
  const kept = { get: () => { try { return localStorage.getItem("steelyard-keys"); } catch { return null; } },
    set: (text) => { try { localStorage.setItem("steelyard-keys", text); } catch { /* Not kept: on again at the next page. */ } } };
  off.checked = kept.get() === "off";
  off.addEventListener("change", () => kept.set(off.checked ? "off" : "on"));
  const button = document.getElementById("allkeys");
  if (button) button.addEventListener("click", () => dialog.showModal());
  let going = 0;
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || dialog.open || off.checked) return;
    if (event.target.closest("input, textarea, select, [contenteditable]")) return;
    if (event.key === "?") { event.preventDefault(); return dialog.showModal(); }
    if (event.key === "/") {
      event.preventDefault();
      const field = document.querySelector("main input[type=search]");
      if (field) return field.focus();
      return location.assign("/api/console/estate#find");
    }
    if (performance.now() - going < 1500) {
      going = 0;
      const link = document.querySelector('nav a[data-key="' + CSS.escape(event.key) + '"]');
      if (link) { event.preventDefault(); location.assign(link.href); }
      return;
    }
    if (event.key === "g") going = performance.now();
  });
  if (location.hash === "#find") { const field = document.querySelector("main input[type=search]"); if (field) field.focus(); }
})();`;
