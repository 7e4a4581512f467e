// A redacted copy beside its original: keys follow the page's own links, Play shows frame after frame of both. Where
// playing stops the page is read again, so that it says what is left to look at.
"use strict";
(() => {
  const box = document.getElementById("comparison"), play = document.getElementById("play");
  const base = box.dataset.base, last = Number(box.dataset.pictures) - 1, rate = Number(box.dataset.rate);
  let at = Number(box.dataset.at), playing = false;
  play.hidden = document.getElementById("keys").hidden = false;

  const shown = (image) => new Promise((done, failed) => {
    image.onload = done;
    image.onerror = failed;
    image.src = `${base}/${image.dataset.kind}/${at}.jpg`;
  });

  async function run() {
    while (playing && at < last) {
      const began = performance.now();
      at += 1;
      try { await Promise.all([...box.querySelectorAll("img")].map(shown)); } catch { break; }
      await new Promise((done) => setTimeout(done, Math.max(0, 1000 / rate - (performance.now() - began))));
    }
    location.assign(`${base}?at=${at}`);
  }

  play.addEventListener("click", () => {
    playing = !playing;
    play.textContent = playing ? play.dataset.pause : play.dataset.play;
    if (playing) run();
  });
  const sound = new Audio();
  sound.addEventListener("ended", () => location.assign(`${base}?at=${at}`));
  for (const link of box.querySelectorAll("[data-sound]")) link.addEventListener("click", (event) => {
    event.preventDefault();
    sound.src = `${base}/${link.dataset.sound}/${at}.wav`;
    sound.play().catch(() => { link.textContent = box.dataset.quiet; });
  });
  addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey || event.target.closest("input, button, summary")) return;
    const link = [...document.querySelectorAll("[data-key]")].find((one) => one.dataset.key.toLowerCase() === event.key.toLowerCase());
    if (event.key === " ") play.click();
    else if (link) link.click();
    else return;
    event.preventDefault();
  });
})();
