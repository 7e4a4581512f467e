// The console: keeps the floor current, lets keys act, makes itself heard. Without it the page's forms do the same.
"use strict";
const body = document.body;
const floor = document.getElementById("floor");
const line = document.getElementById("line");
const news = document.getElementById("news");
const sound = document.getElementById("sound");
const keys = document.getElementById("keys");
let marked = "";
let known = new Set();
let skew = 0;
let heard = Date.now();
let audio = null;
let wanted = sessionStorage.getItem("sound") === "on";
let rang = 0;
let busy = false;
let again = false;
let unsent = false;
let pressed = false;

function alarms() { return [...floor.querySelectorAll(".alarm")]; }
function state() { return floor.querySelector(".state-of-floor"); }
function now() { return new Date(Date.now() + skew); }

function mark(alarm, focus) {
  alarms().forEach(one => one.classList.toggle("marked", one === alarm));
  marked = alarm ? alarm.id : "";
  if (alarm && focus) { alarm.focus({ preventScroll: true }); alarm.scrollIntoView({ block: "nearest" }); }
}

function foldOf(details) {
  const alarm = details.closest(".alarm");
  return `${alarm ? `#${alarm.id} ` : ""}details.${details.className}`;
}

function formOf(field) { return field.form ? field.form.className : ""; }

function drafts() {
  // What somebody is writing survives a change of the floor, and so does where they are.
  const kept = [];
  floor.querySelectorAll("input, select").forEach(field => {
    const alarm = field.closest(".alarm");
    if (!alarm || field.type === "hidden") return;
    if (field.type === "radio" ? field.checked : field.value && field.value !== field.defaultValue) {
      kept.push({ alarm: alarm.id, name: field.name, value: field.value, radio: field.type === "radio", form: field.form.className });
    }
  });
  const at = document.activeElement;
  const alarm = at && at.closest ? at.closest(".alarm") : null;
  const focus = alarm && floor.contains(at) ? { alarm: alarm.id, name: at.name || "", value: at.type === "radio" ? at.value : "", tag: at.tagName, form: formOf(at), start: at.selectionStart } : null;
  const folds = [...floor.querySelectorAll("details[class]")].map(one => ({ where: foldOf(one), open: one.open }));
  return { kept, focus, folds };
}

function restore(before) {
  before.folds.forEach(fold => { const one = document.querySelector(fold.where); if (one) one.open = fold.open; });
  before.kept.forEach(one => {
    const forms = document.querySelectorAll(`#${one.alarm} form`);
    for (const form of forms) {
      if (form.className !== one.form) continue;
      const field = one.radio ? form.querySelector(`[name="${one.name}"][value="${one.value}"]`) : form.elements[one.name];
      if (field) { if (one.radio) field.checked = true; else field.value = one.value; }
    }
  });
  const focus = before.focus;
  const alarm = focus && document.getElementById(focus.alarm);
  if (!alarm) return;
  const wanted = [...alarm.querySelectorAll(focus.tag)].find(one => formOf(one) === focus.form && (one.name || "") === focus.name && (!focus.value || one.value === focus.value));
  const target = wanted || alarm;
  target.focus({ preventScroll: true });
  if (focus.start != null && target.setSelectionRange && target.type === "text") target.setSelectionRange(focus.start, focus.start);
}

async function unpressed() {
  // A button that is being pressed stays where it is, or the click would be lost; a second at most.
  for (let n = 0; pressed && n < 50; n++) await new Promise(done => setTimeout(done, 20));
}

async function refresh() {
  if (busy) { again = true; return; }
  busy = true;
  try {
    const answer = await fetch(body.dataset.floor, { cache: "no-store" });
    if (answer.status === 401) location.reload();  // the session ended: the page asks to log on
    if (!answer.ok) throw new Error("floor");
    const text = await answer.text();
    await unpressed();
    const before = drafts();
    floor.replaceChildren(new DOMParser().parseFromString(text, "text/html").body.firstElementChild);
    restore(before);
    settled();
  } catch { lost(); }
  busy = false;
  if (again) { again = false; refresh(); }
}

function settled() {
  skew = Date.parse(state().dataset.clock) - Date.now();
  const open = alarms().filter(one => one.classList.contains("open"));
  const fresh = open.filter(one => !known.has(one.id));
  if (fresh.length) {
    news.textContent = `${body.dataset.new}: ${fresh.map(one => one.querySelector("h2").textContent).join("; ")}`;
    ring();
  }
  known = new Set(open.map(one => one.id));
  const waiting = state().dataset.waiting;
  document.title = document.title.replace(/^\(\d+\) /, "");
  if (waiting !== "0") document.title = `(${waiting}) ${document.title}`;
  const still = marked && document.getElementById(marked);
  mark(still || alarms()[0] || null, false);
  tick();
}

function tick() {
  const at = now();
  document.getElementById("clock").textContent = at.toISOString().slice(11, 19);
  floor.querySelectorAll("[data-since]").forEach(one => {
    const seconds = Math.max(0, Math.floor((at - Date.parse(one.dataset.since)) / 1000));
    one.textContent = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
  });
  if (state() && state().dataset.waiting !== "0" && Date.now() - rang > 15000) ring();
  if (Date.now() - heard > 12000) lost();
}

function ring() {
  rang = Date.now();
  if (!audio || sound.getAttribute("aria-pressed") !== "true") return;
  const tones = { urgent: [880, 660, 880, 660, 880, 660], warning: [660, 880, 660], notice: [660, 660] }[state().dataset.loudest] || [];
  tones.forEach((pitch, nth) => {
    const tone = audio.createOscillator();
    const gain = audio.createGain();
    const begin = audio.currentTime + nth * 0.22;
    tone.frequency.value = pitch;
    gain.gain.setValueAtTime(0.25, begin);
    gain.gain.setValueAtTime(0, begin + 0.17);
    tone.connect(gain).connect(audio.destination);
    tone.start(begin);
    tone.stop(begin + 0.18);
  });
}

function toggleSound() {
  wanted = sound.getAttribute("aria-pressed") !== "true";
  sessionStorage.setItem("sound", wanted ? "on" : "");  // the page comes anew after a refusal or a hand-over
  hear(wanted);
}

function hear(on) {
  if (on && !audio) {
    audio = new AudioContext();
    audio.addEventListener("statechange", audible);
  }
  if (on) audio.resume().then(() => { audible(); ring(); });
  audible();
}

function audible() {
  // On only where it can be heard: a browser may hold sound back until somebody presses something.
  const on = wanted && audio !== null && audio.state === "running";
  sound.setAttribute("aria-pressed", String(on));
  sound.textContent = on ? body.dataset.on : body.dataset.off;
}

function lost() {
  if (line.classList.contains("lost")) return;  // it says since when
  line.textContent = `${body.dataset.lost} (${body.dataset.since} ${new Date(heard + skew).toISOString().slice(11, 19)} UTC)`;
  line.className = "line lost";
}
function live() {
  heard = Date.now();
  if (unsent) return;  // an act that may not have been done stays said until the next one is
  line.textContent = body.dataset.live;
  line.className = "line live";
}
function doubt() { unsent = true; line.textContent = body.dataset.unsent; line.className = "line lost"; }

function step(by) {
  const all = alarms();
  if (!all.length) return;
  const at = all.findIndex(one => one.id === marked);
  mark(all[Math.min(all.length - 1, Math.max(0, at + by))], true);
}

function acknowledge() {
  const here = document.getElementById(marked);
  const form = (here && here.querySelector(".acknowledge")) || floor.querySelector(".acknowledge");
  if (form) send(form, form.querySelector("button"));
}

async function send(form, button) {
  const data = new URLSearchParams(new FormData(form, button));
  const answer = await fetch(form.action, { method: "POST", body: data, redirect: "manual" });
  if (answer.type === "opaqueredirect" || answer.ok) { unsent = false; live(); await refresh(); return; }
  if (answer.status >= 500) { delete form.dataset.plain; doubt(); return; }  // it may have been done: never sent twice
  if (!form.isConnected) { form.hidden = true; body.append(form); }  // the floor came anew meanwhile
  form.requestSubmit(button);  // refused: the page itself says why
}

floor.addEventListener("pointerdown", () => { pressed = true; });
for (const name of ["pointerup", "pointercancel"]) addEventListener(name, () => setTimeout(() => { pressed = false; }));

document.addEventListener("submit", event => {
  if (!floor.contains(event.target) || event.target.dataset.plain) return;
  event.preventDefault();
  const form = event.target;
  form.dataset.plain = "yes";  // a second time it goes the plain way
  send(form, event.submitter);
});

document.addEventListener("click", async event => {
  const button = event.target.closest(".copy");
  if (!button) return;
  try { await navigator.clipboard.writeText(button.dataset.text); } catch {
    getSelection().selectAllChildren(button.parentElement.querySelector(".text"));  // no clipboard here: marked, to copy by key
    return;
  }
  button.textContent = button.dataset.done;
});

document.addEventListener("keydown", event => {
  const field = event.target.closest("input:not([type=radio]):not([type=checkbox]), select, textarea");
  if (!keys.checked || field || event.ctrlKey || event.altKey || event.metaKey) return;
  const key = event.key.toLowerCase();
  const here = document.getElementById(marked);
  if (key === "a") acknowledge();
  else if (key === "j") step(1);
  else if (key === "k") step(-1);
  else if (key === "s") toggleSound();
  else if ("123".includes(key) && here) {
    const radio = here.querySelectorAll(".decide input[type=radio]")[Number(key) - 1];
    if (!radio) return;
    const folded = radio.closest("details");
    if (folded) folded.open = true;
    radio.checked = true;
    here.querySelector(".decide [name=reason]").focus();
  } else if (key === "c" && here) {
    const select = here.querySelector("[name=disposition]");
    if (!select) return;
    select.focus();
  } else return;
  event.preventDefault();
});

body.classList.add("scripted");
sound.hidden = false;
keys.closest("label").hidden = false;
sound.addEventListener("click", toggleSound);
hear(wanted);
let events = null;
function listen() {
  // Whatever happened while the line was down is on the floor, which comes whole with the first event of a new line.
  events = new EventSource(body.dataset.events);
  events.addEventListener("floor", () => { live(); refresh(); });
  events.addEventListener("beat", live);
  events.addEventListener("zones", () => { live(); document.dispatchEvent(new Event("zones")); });
  events.addEventListener("error", lost);
}
listen();
setInterval(() => { if (events.readyState === EventSource.CLOSED) listen(); }, 3000);
setInterval(tick, 1000);
settled();
