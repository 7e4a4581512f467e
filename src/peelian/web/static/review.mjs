// The review of a recording: boxes are moved, drawn and dropped by mouse and keyboard. The table of the form is the
// one truth: everything done here is written into it, and what is sent is the form. Nothing is fetched but pictures,
// sound and followed boxes of these pages.
const form = document.getElementById("review");
const words = form.dataset;
const [{ boxAt: boxOf, keysOf, merged, moments, unreadOf }, { Zoom }, { Marks }] = await Promise.all(words.modules.split(" ").map((at) => import(at)));
const width = Number(words.width), height = Number(words.height), pictures = Number(words.pictures);
const rate = Number(words.rate), times = (words.times || "").split(" ").filter(Boolean).map(Number);
const stage = document.getElementById("stage"), picture = document.getElementById("picture");
const svg = document.getElementById("boxes"), line = document.getElementById("line");
const seek = document.getElementById("at"), told = document.getElementById("status");
const NS = "http://www.w3.org/2000/svg", STEP = Math.max(2, Math.round(width / 160)), LEAST = 4;
let at = 0, selected = null, playing = 0, drag = null;

const numbers = (words.speech || "").split(" ").filter(Boolean).map(Number), heard = new Set();
const speech = numbers.flatMap((n, i) => (i % 2 ? [] : [[n, numbers[i + 1]]]));  // milliseconds: start, end
const wave = document.getElementById("wave");
const left = document.getElementById("unsure"), seen = new Set();
const what = document.getElementById("what"), follows = (words.follows || "").split(" ");
const zoom = new Zoom(stage, document.getElementById("view"), () => { load(); draw(); });
const tracks = [...form.querySelectorAll("tr[data-track]")].map(trackOf);

function trackOf(row) {
  const part = (name) => row.querySelector(`[data-part="${name}"]`);
  const track = { row, id: Number(row.dataset.track), what: part("what"), state: part("state"), text: part("keys"),
    source: part("source"), exempt: part("exempt"), span: part("span"), pick: part("pick"), score: Number(row.dataset.score) };
  track.fresh = !track.text.value.trim();
  read(track);
  track.text.addEventListener("change", () => { read(track); byHand(track); draw(); });
  track.state.addEventListener("change", draw);
  track.what.addEventListener("change", draw);
  track.pick.addEventListener("change", draw);
  part("show").addEventListener("click", () => { select(track); go(track.keys.length ? track.keys[0][0] : at); stage.focus(); });
  return track;
}

function read(track) {
  track.keys = keysOf(track.text.value);
  track.unread = unreadOf(track.text.value);
}

const boxAt = (track, n) => boxOf(track.keys, n);

function setKey(track, n, box) {
  const inside = [clamp(box[0], 0, width - LEAST), clamp(box[1], 0, height - LEAST), 0, 0].map(Math.round);
  inside[2] = Math.round(clamp(box[2], inside[0] + LEAST, width));
  inside[3] = Math.round(clamp(box[3], inside[1] + LEAST, height));
  track.keys = track.keys.filter((k) => k[0] !== n).concat([[n, ...inside]]).sort((a, b) => a[0] - b[0]);
  write(track);
}

function write(track) {
  track.text.value = [...track.keys.map((k) => k.join(" ")), ...track.unread].join("\n");
  if (track.state.value === "to_review") track.state.value = "kept";
  byHand(track);
  draw();
}

function byHand(track, source = words.byHand) {
  track.source.textContent = source;
  const keys = track.keys;
  track.span.textContent = keys.length ? `${keys[0][0]}–${keys[keys.length - 1][0]}` : "";
}

const clamp = (value, low, high) => Math.min(Math.max(value, low), high);
const present = () => tracks.filter((t) => t.state.value !== "dropped" && boxAt(t, at));
const seconds = (n) => (times.length ? times[n] / 1000 : n / rate);
const frameAt = (s) => (times.length ? Math.max(0, times.findIndex((t) => t >= 1000 * s - 0.5)) : Math.round(s * rate));
const say = (text) => { told.textContent = text; };
const named = (text, track) => text.replace("%", track.id);

const fill = (text, ...values) => values.reduce((made, value) => made.replace("%", value), text);

// Moments that nobody went to so far
function uncertain() {
  const live = tracks.filter((t) => t.state.value !== "dropped" && t.keys.length)
    .map(({ id, keys, score, state }) => ({ id, keys, score: state.value === "to_review" ? score : 0 }));
  return moments(live, { width, height, pictures }).filter((one) => !seen.has(one.name));
}

function select(track) {
  selected = track;
  for (const t of tracks) t.row.classList.toggle("selected", t === track);
  draw();
  if (track) say(named(words.selected, track));
}

function go(n) {
  at = clamp(Math.round(n), 0, pictures - 1);
  seek.value = at;
  seek.setAttribute("aria-valuetext", `${at} · ${seconds(at).toFixed(2)} s`);
  document.getElementById("where").textContent = `${at} / ${pictures - 1} · ${seconds(at).toFixed(2)} s`;
  load();
  draw();
}

// An enlarged frame is shown in full size, unless it is playing
function load() {
  const address = `${words.base}/${zoom.scale > 1 && !playing ? "full" : "picture"}/${at}.jpg`;
  if (!picture.src.endsWith(address)) picture.src = address;
}

function draw() {
  svg.replaceChildren();
  for (const track of present()) {
    const [left, top, right, bottom] = boxAt(track, at);
    const rect = shape("rect", { x: left, y: top, width: right - left, height: bottom - top });
    rect.classList.add("box");
    rect.classList.toggle("kept", track.state.value === "kept");
    rect.classList.toggle("selected", track === selected);
    rect.classList.toggle("marked", track.pick.checked);
    svg.append(rect);
    const number = shape("text", { x: left + 4, y: top + height / 24, "font-size": height / 26 });
    number.classList.add("number");
    number.textContent = track.id;
    svg.append(number);
    if (track === selected) for (const [x, y] of [[left, top], [right, top], [left, bottom], [right, bottom]]) {
      const r = grip() / 2, handle = shape("rect", { x: x - r, y: y - r, width: 2 * r, height: 2 * r });
      handle.classList.add("handle");
      svg.append(handle);
    }
  }
  for (const t of tracks) t.row.classList.toggle("away", t.state.value === "dropped");
  what.value = selected ? selected.what.value : "";
  timeline();
  left.textContent = fill(words.unsureLeft, uncertain().length);
  marks.count();
}

function shape(name, parts) {
  const made = document.createElementNS(NS, name);
  for (const [key, value] of Object.entries(parts)) made.setAttribute(key, value);
  return made;
}

function timeline() {
  const shown = tracks.filter((t) => t.state.value !== "dropped" && t.keys.length);
  const lanes = [];
  line.replaceChildren();
  line.setAttribute("viewBox", `0 0 ${pictures} 100`);
  for (const t of [...shown].sort((a, b) => a.keys[0][0] - b.keys[0][0])) {
    const first = t.keys[0][0], last = t.keys[t.keys.length - 1][0];
    let lane = lanes.findIndex((end) => end < first);
    if (lane < 0) lane = lanes.length;
    lanes[lane] = last;
    const bar = shape("rect", { x: first, y: 4 + (lane % 8) * 10, width: Math.max(1, last - first + 1), height: 8 });
    bar.classList.toggle("waiting", t.state.value === "to_review");
    line.append(bar);
  }
  for (const [start, end] of spans()) {
    const bar = shape("rect", { x: start * rate, y: 88, width: Math.max(1, (end - start) * rate), height: 10 });
    bar.classList.add("sound");
    line.append(bar);
  }
  line.append(shape("line", { x1: at + 0.5, x2: at + 0.5, y1: 0, y2: 100 }));
}

function spans() {
  return [...form.querySelectorAll("tr[data-span]")].map((row) =>
    inputs(row).map((i) => Number(i.value.replace(",", ".")))).filter(([a, b]) => b > a);
}

// What was done can be undone: after each gesture the form as it stands is remembered, whole, by reference
const past = [], ahead = [], MOST = 200;
let gesture = "", when = 0;
const fields = () => [...form.querySelectorAll("tr[data-track] [name], tr[data-span] [name]")];
const now = () => new Map([...fields().map((f) => [f.name, f.value]), ...tracks.map((t) => [t.row, t.source.textContent])]);
const same = (a, b) => a.size === b.size && [...a].every(([key, value]) => b.get(key) === value);

function done(label = "") {
  const made = now();
  if (same(made, past[past.length - 1])) return;
  const again = label && label === gesture && performance.now() - when < 1000;  // a key held down is one gesture
  if (again) past.pop();
  past.push(made);
  if (past.length > MOST) past.shift();
  ahead.length = 0;
  [gesture, when] = [label, performance.now()];
}

const firstOf = (list) => Math.max(0, [...list.options].findIndex((one) => one.defaultSelected));  // as in a blank row

function stand(kept) {
  for (const field of fields()) field.value = kept.get(field.name) ?? (field.tagName === "SELECT" ? field.options[firstOf(field)].value : "");
  for (const track of tracks) {
    read(track);
    byHand(track, kept.get(track.row) ?? words.byHand);
  }
  gesture = "";
  draw();
}

// Mouse, pen and finger
const grip = () => (14 * width) / Math.max(svg.getBoundingClientRect().width, 1);
function point(event) {
  const area = svg.getBoundingClientRect();
  return [((event.clientX - area.left) * width) / area.width, ((event.clientY - area.top) * height) / area.height];
}

svg.addEventListener("pointerdown", (event) => {
  if (event.button) return;
  const [x, y] = point(event), near = grip();
  const mine = selected && selected.state.value !== "dropped" && boxAt(selected, at);
  const corner = mine && [[0, 1], [2, 1], [0, 3], [2, 3]].find(([i, j]) => Math.abs(mine[i] - x) < near && Math.abs(mine[j] - y) < near);
  const hit = corner ? selected : present().reverse().find((t) => { const b = boxAt(t, at); return x >= b[0] && x <= b[2] && y >= b[1] && y <= b[3]; });
  if (hit && (event.ctrlKey || event.metaKey || event.shiftKey)) {
    marks.toggle(hit);
    draw();
  } else if (hit) {
    select(hit);
    drag = { track: hit, from: [x, y], box: boxAt(hit, at), corner };
  } else drag = { from: [x, y], fresh: true };
  svg.setPointerCapture(event.pointerId);
  stage.focus({ preventScroll: true });
  event.preventDefault();
});

svg.addEventListener("pointermove", (event) => {
  if (!drag) return;
  const [x, y] = point(event), dx = x - drag.from[0], dy = y - drag.from[1];
  if (drag.fresh) {
    if (Math.abs(dx) < near4() || Math.abs(dy) < near4()) return;
    drag = { ...drag, fresh: false, track: blank(), corner: [dx > 0 ? 2 : 0, dy > 0 ? 3 : 1], box: [...drag.from, ...drag.from] };
    if (!drag.track) { drag = null; return; }
    select(drag.track);
  }
  const box = [...drag.box];
  if (drag.corner) { box[drag.corner[0]] += dx; box[drag.corner[1]] += dy; }
  else { box[0] += dx; box[2] += dx; box[1] += dy; box[3] += dy; }
  if (Math.abs(dx) + Math.abs(dy) > 1) setKey(drag.track, at, box);
});
const near4 = () => (4 * width) / Math.max(svg.getBoundingClientRect().width, 1);
svg.addEventListener("pointerup", () => { drag = null; done(); });
svg.addEventListener("pointercancel", () => { drag = null; });
line.addEventListener("click", (event) => {
  const area = line.getBoundingClientRect();
  go(((event.clientX - area.left) / area.width) * pictures);
});

what.addEventListener("change", () => {
  if (selected) selected.what.value = what.value;
  else say(words.selectFirst);
  draw();
});
wave.addEventListener("error", () => { wave.hidden = true; });  // no sound
wave.addEventListener("click", (event) => {
  const area = wave.getBoundingClientRect();
  go(((event.clientX - area.left) / area.width) * pictures);
});
if (wave.complete && !wave.naturalWidth && wave.src) wave.hidden = true;

// A row for a box drawn by hand: a blank one, or a copy of it
function blank() {
  const free = tracks.find((t) => t.fresh && !t.text.value.trim() && t.state.value !== "dropped");
  if (free) return free;
  const last = tracks[tracks.length - 1].row, id = Math.max(...tracks.map((t) => t.id)) + 1;
  const row = last.cloneNode(true), old = last.dataset.track;
  row.dataset.track = id;
  row.querySelector("th").textContent = id;
  for (const part of row.querySelectorAll("[name]")) part.name = part.name.replace(`t${old}.`, `t${id}.`);
  for (const part of row.querySelectorAll("[aria-label]")) part.setAttribute("aria-label", part.getAttribute("aria-label").replace(old, id));
  row.querySelector('[data-part="keys"]').value = "";
  row.querySelector('[data-part="state"]').value = "kept";
  row.querySelector('[data-part="pick"]').checked = false;
  row.querySelector('[data-part="score"]').textContent = "";
  row.dataset.score = 0;
  row.hidden = false;
  last.after(row);
  const track = trackOf(row);
  tracks.push(track);
  return track;
}

const acts = {
  add() {
    const track = blank();
    select(track);
    setKey(track, at, [width * 0.4, height * 0.4, width * 0.6, height * 0.6]);
    say(named(words.added, track));
  },
  drop() {
    if (!selected) return;
    const back = selected.state.value === "dropped";
    selected.state.value = back ? "kept" : "dropped";
    say(named(back ? words.restored : words.droppedOne, selected));
    draw();
  },
  keep() {
    if (!selected) return;
    selected.state.value = "kept";
    say(named(words.keptOne, selected));
    draw();
  },
  extend() {
    if (!selected || !selected.keys.length) return;
    const keys = selected.keys, near = at < keys[0][0] ? keys[0] : keys[keys.length - 1];
    setKey(selected, at, boxAt(selected, at) || near.slice(1));
  },
  async follow() {
    const track = selected, box = track && boxAt(track, at), number = at, button = form.querySelector('[data-act="follow"]');
    if (!track) { say(words.selectFirst); return; }
    if (!box) { say(words.notHere); return; }
    if (!follows.includes(track.what.value)) { say(fill(words.chooseFirst, track.id)); what.focus(); return; }
    if (button.disabled) return;
    button.disabled = true;
    say(fill(words.following, track.id));
    let found = {};
    try {
      const tip = track.tips?.[number], on = tip && String(tip.cover) === String(box);  // nobody moved it since
      const asked = on ? `${tip.box}&way=${tip.way}` : box;
      const answer = await fetch(`${words.base}/follow/${number}.json?box=${asked}&what=${track.what.value}`);
      found = await answer.json();
    } catch { /* it says below that it failed */ }
    button.disabled = false;
    if (!found.keys) { say(found.says || words.notFollowed); return; }
    const from = found.keys[0][0], to = found.keys[found.keys.length - 1][0];
    track.keys = track.keys.filter(([n]) => n < from || n > to).concat(found.keys).sort((a, b) => a[0] - b[0]);
    write(track);
    done();
    track.tips = Object.fromEntries(found.tips.map(([n, ...tip]) => [n, { box: tip, way: n === to ? "onward" : "back", cover: boxAt(track, n) }]));
    if (found.tips.length) go(found.tips[found.tips.length - 1][0]);
    say(fill(words.followed, track.id, from, to, words[`why_${found.began}`], words[`why_${found.ended}`]));
  },
  mark() {
    if (!selected) { say(words.selectFirst); return; }
    marks.toggle(selected);
    say(fill(selected.pick.checked ? words.marked : words.unmarked, selected.id));
    draw();
  },
  merge() {
    const several = marks.marked().filter((t) => t.state.value !== "dropped");
    if (several.length < 2) { say(words.markTwo); return; }
    const [one, ...others] = several.sort((a, b) => a.id - b.id);
    one.keys = merged(several.map((t) => t.keys), width, height);
    one.exempt.value = several.map((t) => t.exempt.value).find(Boolean) ?? "";
    one.state.value = "kept";
    for (const t of others) t.state.value = "dropped";
    marks.clear();
    write(one);
    select(one);
    say(fill(words.merged, several.map((t) => t.id).join(", "), one.id, one.keys[0][0], one.keys[one.keys.length - 1][0]));
  },
  keepall() { all("kept", words.keptAll); },
  dropall() { all("dropped", words.droppedAll); },
  unsure() { moment(1); },
  unsureback() { moment(-1); },
  closer() { zoom.by(1.5); },
  farther() { zoom.by(1 / 1.5); },
  whole() { zoom.by(0); },
  none() { select(null); say(words.noneSelected); },
  end() {
    const box = selected && boxAt(selected, at);
    if (!box) return;
    selected.keys = selected.keys.filter((k) => k[0] < at).concat([[at, ...box]]);
    write(selected);
  },
  undo() {
    if (past.length < 2) { say(words.noUndo); return; }
    ahead.push(past.pop());
    stand(past[past.length - 1]);
    say(words.undone);
  },
  redo() {
    if (!ahead.length) { say(words.noRedo); return; }
    past.push(ahead.pop());
    stand(past[past.length - 1]);
    say(words.redone);
  },
  next() { cycle(1); },
  previous() { cycle(-1); },
  review() {
    const waiting = tracks.filter((t) => t.state.value === "to_review" && t.keys.length);
    if (!waiting.length) { say(words.allSeen); return; }
    const start = selected ? waiting.findIndex((t) => t.id > selected.id) : 0;
    const track = waiting[Math.max(start, 0)];
    select(track);
    go(track.keys[0][0]);
    say(`${named(words.selected, track)} ${words.left.replace("%", waiting.length)}`);
  },
  lost() {  // boxes that end in the middle of the picture: heads that turned away, perhaps
    const ends = tracks.filter((t) => t.state.value !== "dropped" && t.keys.length).map((t) => [t, t.keys[t.keys.length - 1]])
      .filter(([, [n, a, b, c, d]]) => n < pictures - 1 && a > 0 && b > 0 && c < width && d < height).sort((x, y) => x[1][0] - y[1][0]);
    if (!ends.length) { say(words.noneLost); return; }
    const after = ends.findIndex(([t, [n]]) => n > at || (n === at && selected && t.id > selected.id));
    const [track, [n]] = ends[Math.max(after, 0)];
    select(track);
    go(n);
    say(named(words.lost, track));
  },
  play() {
    playing = playing ? 0 : performance.now();
    document.querySelector('[data-act="play"]').setAttribute("aria-pressed", String(Boolean(playing)));
    if (playing) step();
  },
  one() { go(at + 1); },
  back() { go(at - 1); },
  second() { go(at + Math.max(1, Math.round(rate))); },
  secondback() { go(at - Math.max(1, Math.round(rate))); },
  hear() {
    const hear = document.getElementById("hear");
    hear.hidden = false;
    hear.src = `${words.base}/sound/${at}.wav`;
    hear.play().catch(() => say(words.noSound));
  },
  speech() {
    const left = speech.filter((one) => !heard.has(one)), here = 1000 * seconds(at);
    const one = left.find(([start]) => start >= here) ?? left[0];
    if (!one) { say(words.noSpeech); return; }
    heard.add(one);
    go(frameAt(one[0] / 1000));
    acts.hear();
    say(fill(words.speechAt, (one[0] / 1000).toFixed(1), (one[1] / 1000).toFixed(1), left.length - 1));
  },
  hush() {
    const here = 1000 * seconds(at), slack = 1000 / rate + 1;
    const one = speech.find(([start, end]) => start - slack <= here && here <= end);
    if (one) silenced(one[0] / 1000, one[1] / 1000);
    else say(words.notInSpeech);
  },
  quiet() {
    const [start] = inputs(open() || unused());
    start.value = seconds(at).toFixed(2);
    say(words.quietFrom.replace("%", start.value));
    draw();
  },
  loud() {
    const row = open(), from = row ? Number(inputs(row)[0].value.replace(",", ".")) : NaN;
    if (Number.isNaN(from)) { say(words.quietFirst); return; }
    silenced(Math.min(from, seconds(at)), Math.max(from, seconds(at) + 1 / rate), row);
  },
};

// The start and end of a row of sound, the row that has only a start, and one with neither
const inputs = (row) => [...row.querySelectorAll("input")];
const rowOf = (fits) => [...form.querySelectorAll("tr[data-span]")].find((row) => fits(...inputs(row).map((i) => i.value.trim())));
const open = () => rowOf((start, end) => start && !end);
const unused = () => rowOf((start, end) => !start && !end) || span();

// A span of sound that is replaced, in a row of the table
function silenced(from, to, row = unused()) {
  const [start, end] = inputs(row);
  [start.value, end.value] = [from.toFixed(2), to.toFixed(2)];
  say(words.quietTo.replace("%", `${start.value}–${end.value}`));
  draw();
}

function all(state, told) {
  const some = marks.marked();
  if (!some.length) { say(words.markOne); return; }
  for (const t of some) t.state.value = state;
  marks.clear();
  draw();
  say(fill(told, some.length));
}

// The next moment that nobody looked at, after this picture or round from the start; back to the one before it
const walked = [];
function moment(by) {
  if (by < 0) walked.pop();
  const some = uncertain(), one = by < 0 ? walked[walked.length - 1] : some.find((m) => m.n >= at) ?? some[0];
  if (!one) { say(by < 0 ? words.noneBefore : words.noneUnsure); return; }
  if (by > 0) walked.push(one);
  seen.add(one.name);
  const these = one.ids.map((id) => tracks.find((t) => t.id === id));
  select(these[0]);
  if (one.kind === "gap") { marks.clear(); these.forEach((t) => marks.toggle(t)); }
  go(one.n);
  const box = boxAt(these[0], one.n) ?? these[0].keys[these[0].keys.length - 1].slice(1);
  zoom.show([box[0] / width, box[1] / height, box[2] / width, box[3] / height]);
  say(`${fill(words[`unsure_${one.kind}`], ...one.ids)} ${fill(words.unsureLeft, uncertain().length)}`);
}

function span() {
  const last = [...form.querySelectorAll("tr[data-span]")].pop(), old = last.dataset.span, id = Number(old) + 1;
  const row = last.cloneNode(true);
  row.dataset.span = id;
  for (const part of row.querySelectorAll("[name]")) { part.name = part.name.replace(`s${old}.`, `s${id}.`); if (part.tagName === "INPUT") part.value = ""; }
  for (const part of row.querySelectorAll("[aria-label]")) part.setAttribute("aria-label", part.getAttribute("aria-label").replace(old, id));
  row.querySelector("th").textContent = id;
  last.after(row);
  return row;
}

function cycle(by) {
  const here = present();
  if (!here.length) { say(words.noneHere); return; }
  const i = here.indexOf(selected);
  select(here[(i + by + here.length) % here.length]);
}

function step() {
  if (!playing) return;
  if (at >= pictures - 1) { acts.play(); return; }
  const started = performance.now();
  picture.addEventListener("load", () => setTimeout(step, Math.max(0, 1000 / rate - (performance.now() - started))), { once: true });
  go(at + 1);
}

const KEYS = { f: "follow", m: "mark", j: "merge", i: "unsure", I: "unsureback", K: "keepall", D: "dropall", d: "drop", "+": "closer", "=": "closer", "-": "farther", 0: "whole", Escape: "none", n: "next", p: "previous", a: "add", Delete: "drop", Backspace: "drop", k: "keep", e: "extend", x: "end",
  r: "review", l: "lost", u: "undo", y: "redo", " ": "play", ".": "one", ",": "back", PageDown: "second", PageUp: "secondback", h: "hear", q: "quiet", w: "loud", s: "speech", S: "hush" };
const MOVES = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
stage.addEventListener("keydown", (event) => {
  const held = event.ctrlKey || event.metaKey, key = event.key.toLowerCase();
  if (event.altKey || (held && key !== "z" && key !== "y")) return;
  const act = held ? (key === "y" || event.shiftKey ? "redo" : "undo") : KEYS[event.key];
  const move = MOVES[event.key];
  if (move && !selected) {
    if (!zoom.pan(...move)) return;
  } else if (move) {
    const box = boxAt(selected, at);
    if (!box) { say(words.notHere); return; }
    const [dx, dy] = move.map((d) => d * STEP);
    setKey(selected, at, event.shiftKey ? [box[0], box[1], box[2] + dx, box[3] + dy] : moved(box, dx, dy));
    done(`${selected.id} ${at} ${event.shiftKey}`);
  } else if (act) act_(act);
  else return;
  event.preventDefault();
});
function act_(name) {
  acts[name]();
  if (name !== "undo" && name !== "redo") done();
}
function moved(box, dx, dy) {
  const x = clamp(dx, -box[0], width - box[2]), y = clamp(dy, -box[1], height - box[3]);
  return [box[0] + x, box[1] + y, box[2] + x, box[3] + y];
}

for (const button of form.querySelectorAll("button[data-act]")) button.addEventListener("click", () => act_(button.dataset.act));
form.addEventListener("change", () => done());  // what is typed into the tables
for (const row of form.querySelectorAll("tr[data-span] input")) row.addEventListener("change", draw);
seek.addEventListener("input", () => go(Number(seek.value)));
document.getElementById("after").addEventListener("change", (event) => stage.classList.toggle("after", event.target.checked));
for (const part of document.querySelectorAll("[data-script]")) part.hidden = false;
for (const part of document.querySelectorAll("[data-no-script]")) part.hidden = true;
const marks = new Marks(form, tracks, document.getElementById("counts"));
past.push(now());
go(0);
