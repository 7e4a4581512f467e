// The zones of the console, and the wall view: kept current by the console's events; a switch for dark pages.
"use strict";
(() => {
  const page = document.body;
  const place = document.getElementById("zones");
  const theme = document.getElementById("theme");
  let busy = false;
  let again = false;

  async function refresh() {
    if (busy) { again = true; return; }
    busy = true;
    try {
      const answer = await fetch(page.dataset.zones, { cache: "no-store" });
      if (answer.status === 401) location.reload();  // the session ended: the page asks to log on
      if (answer.ok) put(new DOMParser().parseFromString(await answer.text(), "text/html").body.firstElementChild);
    } catch { /* the line says that it is down; the next event brings everything */ }
    busy = false;
    if (again) { again = false; refresh(); }
  }

  function put(fresh) {
    // What somebody opened stays open, and what they are writing in stays theirs; the figures around it are new.
    const at = document.activeElement;
    const same = mine => fresh.querySelector(`details[data-zone="${CSS.escape(mine.dataset.zone)}"]`);
    place.querySelectorAll("details[open]").forEach(mine => {
      const other = same(mine);
      if (!other) return;
      other.open = true;
      const [form, next] = [mine.querySelector("form"), other.querySelector("form")];
      if (form && next) next.replaceWith(form);
    });
    const folded = place.contains(at) && at.tagName === "SUMMARY" ? same(at.closest("details")) : null;
    place.replaceChildren(fresh);
    const target = folded ? folded.querySelector("summary") : place.contains(at) ? at : null;
    if (target && target !== document.activeElement) target.focus({ preventScroll: true });
  }

  function dark() {
    return (document.documentElement.dataset.theme || (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light")) === "dark";
  }

  function named() { theme.textContent = dark() ? page.dataset.light : page.dataset.dark; }

  function wall() {
    // The wall has no other script: it listens by itself and says whether it is current.
    const line = document.getElementById("line");
    let heard = Date.now();
    let skew = 0;
    let events = null;
    const live = () => { heard = Date.now(); line.textContent = page.dataset.live; line.className = "line live"; };
    const lost = () => {
      if (line.classList.contains("lost")) return;
      line.textContent = `${page.dataset.lost} (${page.dataset.since} ${new Date(heard + skew).toISOString().slice(11, 19)} UTC)`;
      line.className = "line lost";
    };
    const listen = () => {
      events = new EventSource(page.dataset.events);
      for (const kind of ["floor", "zones"]) events.addEventListener(kind, () => { live(); refresh(); });
      events.addEventListener("beat", live);
      events.addEventListener("error", lost);
    };
    skew = Date.parse(place.firstElementChild.dataset.clock) - Date.now();
    listen();
    setInterval(() => { if (events.readyState === EventSource.CLOSED) listen(); }, 3000);
    setInterval(() => {
      document.getElementById("clock").textContent = new Date(Date.now() + skew).toISOString().slice(11, 19);
      if (Date.now() - heard > 12000) lost();
    }, 1000);
  }

  const kept = localStorage.getItem("theme");
  if (kept === "dark" || kept === "light") document.documentElement.dataset.theme = kept;
  theme.hidden = false;
  named();
  theme.addEventListener("click", () => {
    document.documentElement.dataset.theme = dark() ? "light" : "dark";
    localStorage.setItem("theme", document.documentElement.dataset.theme);
    named();
  });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", named);
  document.addEventListener("zones", refresh);
  if (page.dataset.wall) wall();
})();
