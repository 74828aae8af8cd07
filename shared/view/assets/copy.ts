/** Buttons that copy a text stand there only where they can: without a script a person selects it. */
export const copy = `(() => {
  if (!navigator.clipboard) return;
  const reveal = () => document.querySelectorAll("button[data-copy][hidden]").forEach((button) => { button.hidden = false; });
  reveal();
  document.addEventListener("toggle", reveal, true);
  document.addEventListener("click", (event) => {
    const button = event.target.closest("button[data-copy]");
    const text = button && document.getElementById(button.dataset.copy);
    if (!text) return;
    const say = (word) => { const live = document.getElementById("live"); if (live) live.textContent = word; };
    navigator.clipboard.writeText(text.textContent).then(() => say("Copied."), () => say("Not copied: the browser did not allow it."));
  });
})();`;
