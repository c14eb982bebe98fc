// What a page does beyond its links and forms. Everything works without this file, but for live values.
(() => {
  "use strict";

  // Times are written in UTC by the server; shown in the reader's own zone, in the same width.
  const two = (n) => String(n).padStart(2, "0");
  const local = (root) => {
    for (const el of root.querySelectorAll("time[datetime]:not([title])")) {
      const at = new Date(el.dateTime);
      if (Number.isNaN(at.getTime())) continue;
      const day = `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`;
      el.title = el.dateTime;
      el.textContent = `${day} ${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}`;
    }
  };
  local(document);
  const zone = document.getElementById("zone");
  if (zone) zone.textContent = Intl.DateTimeFormat().resolvedOptions().timeZone || "local time";

  // With script a choice is sent at once, and what lives looks again by itself: no buttons for that.
  const withScript = (root) => {
    for (const el of root.querySelectorAll("[data-noscript]")) el.hidden = true;
  };
  withScript(document);
  document.addEventListener("htmx:load", (event) => {
    local(event.detail.elt);
    withScript(event.detail.elt);
  });

  // A server that does not answer is said, not left to be noticed.
  const notice = document.getElementById("notice");
  const say = (text) => {
    if (!notice) return;
    const box = document.createElement("div");
    box.className = "note fail";
    box.textContent = text;
    notice.replaceChildren(box);
  };
  const offline = "Service Suite does not answer. What is shown may be old; the page goes on by itself when it is back.";
  document.addEventListener("htmx:sendError", () => say(offline));
  // A stream that ends is opened again at once; only one that stays away is worth a word.
  let away = 0;
  document.addEventListener("htmx:sseError", () => { away = away || setTimeout(() => say(offline), 5000); });
  document.addEventListener("htmx:sseOpen", () => {
    clearTimeout(away);
    away = 0;
    if (notice) notice.replaceChildren();
  });

  // What counts down goes on by itself between two words of the server.
  setInterval(() => {
    for (const el of document.querySelectorAll("[data-countdown]")) {
      const left = Math.max(0, Number(el.dataset.countdown) - 1);
      el.textContent = el.title = el.textContent.replace(/\d+ s$/, `${left} s`);
      el.dataset.countdown = left;
    }
  }, 1000);

  // A form that takes its time says so and is not sent twice.
  document.addEventListener("submit", (event) => {
    const button = event.submitter;
    if (!button || !button.dataset.busy) return;
    setTimeout(() => { button.disabled = true; button.textContent = button.dataset.busy; }, 0);
  });
  window.addEventListener("pageshow", (event) => { if (event.persisted) location.reload(); });

  // What was typed is not lost by a slip: the browser asks before the page is left.
  const typed = document.querySelector("form[data-typed]");
  if (typed) {
    let unsaved = typed.dataset.typed === "yes";
    typed.addEventListener("input", () => { unsaved = true; });
    typed.addEventListener("submit", () => { unsaved = false; });
    typed.addEventListener("click", (event) => { if (event.target.closest("[data-leave]")) unsaved = false; });
    window.addEventListener("beforeunload", (event) => { if (unsaved) event.preventDefault(); });
  }

  // A path is copied, or at least selected where the browser lets no page write to the clipboard.
  document.documentElement.classList.add("scripted");
  const copied = async (source) => {
    try {
      await navigator.clipboard.writeText(source.textContent);
      return "Copied";
    } catch {
      getSelection().selectAllChildren(source);
      return document.execCommand("copy") ? "Copied" : "Selected";
    }
  };
  document.addEventListener("click", async (event) => {
    const button = event.target.closest("[data-copy]");
    const source = button && document.getElementById(button.dataset.copy);
    if (!source) return;
    const label = button.querySelector("[aria-live]");
    label.textContent = await copied(source);
    setTimeout(() => { label.textContent = "Copy"; }, 2000);
  });

  // Choosing in a list of filters is enough; the button is for those without script.
  document.addEventListener("change", (event) => {
    if (event.target.form && event.target.dataset.send !== undefined) event.target.form.requestSubmit();
  });
  const atOnce = document.querySelector("form[data-at-once]");
  if (atOnce) atOnce.requestSubmit();
})();
