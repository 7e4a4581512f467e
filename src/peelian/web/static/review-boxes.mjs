// Moving boxes as numbers: keys are [picture, left, top, right, bottom], rising; between two keys a box moves straight.
// Nothing here knows of the page.

const SLACK = 0.05, LONGEST = 64;  // how much larger a merged box may be, and how far apart its keys
const NEAR = 50, LOW = 500;  // pictures of a gap that is told as one; a score (of 1,000) that is told as low

const keyOf = (line) => line.trim().split(/\s+/).map(Number);
const isKey = (key) => key.length === 5 && key.every(Number.isInteger);

export function keysOf(text) {
  return text.split("\n").map(keyOf).filter(isKey).sort((a, b) => a[0] - b[0]);
}

// What was typed and is no position: it stays where it is, and whoever keeps the plan is told.
export function unreadOf(text) {
  return text.split("\n").filter((line) => line.trim() && !isKey(keyOf(line)));
}

const first = (keys) => keys[0][0], last = (keys) => keys[keys.length - 1][0];
const exact = (value) => Math.round(value * 1e6) / 1e6;

// The box in one picture, in whole pixels, rounded outwards; null where there is none.
export function boxAt(keys, n) {
  if (!keys.length || n < first(keys) || n > last(keys)) return null;
  const after = keys.findIndex((key) => key[0] >= n), b = keys[after], a = b[0] === n ? b : keys[after - 1];
  const share = b[0] === a[0] ? 0 : (n - a[0]) / (b[0] - a[0]);
  const [left, top, right, bottom] = [1, 2, 3, 4].map((i) => exact(a[i] * (1 - share) + b[i] * share));
  return [Math.floor(left), Math.floor(top), Math.ceil(right), Math.ceil(bottom)];
}

const union = (boxes) => boxes.reduce((a, b) => [Math.min(a[0], b[0]), Math.min(a[1], b[1]), Math.max(a[2], b[2]), Math.max(a[3], b[3])]);

// One box that covers in every picture what these covered, and the straight way over pictures where none was.
export function merged(several, width, height) {
  const from = Math.min(...several.map(first)), to = Math.max(...several.map(last));
  const way = [];
  for (let n = from; n <= to; n++) {
    const here = several.map((keys) => boxAt(keys, n)).filter(Boolean);
    if (here.length) way.push([n, ...union(here)]);
  }
  const inner = Array.from({ length: to - from + 1 }, (_, i) => boxAt(way, from + i));
  const outer = inner.map(([left, top, right, bottom]) => {
    const x = SLACK * (right - left), y = SLACK * (bottom - top);
    return [Math.max(0, Math.floor(left - x)), Math.max(0, Math.floor(top - y)), Math.min(width, Math.ceil(right + x)), Math.min(height, Math.ceil(bottom + y))];
  });
  const kept = [0];
  while (kept[kept.length - 1] < inner.length - 1) {
    const start = kept[kept.length - 1];
    let step = 1;
    for (let more = 2; more <= LONGEST && start + more < inner.length && holds(outer, inner, start, more); more *= 2) step = more;
    kept.push(start + step);
  }
  return kept.map((i) => [from + i, ...outer[i]]);
}

function holds(outer, inner, start, step) {
  const a = outer[start], b = outer[start + step];
  for (let i = 0; i <= step; i++) {
    const [left, top, right, bottom] = a.map((side, k) => exact(side * (1 - i / step) + (b[k] * i) / step)), box = inner[start + i];
    if (left > box[0] || top > box[1] || right < box[2] || bottom < box[3]) return false;
  }
  return true;
}

// Where somebody should look: boxes that begin or end inside the picture, gaps between two boxes in one place, and boxes
// with a low score. `tracks`: {id, keys, score (0: by hand)}. Each moment has the picture, the kind and the boxes.
export function moments(tracks, { width, height, pictures }) {
  const inside = ([, left, top, right, bottom]) => left > 0 && top > 0 && right < width && bottom < height;
  const starts = tracks.filter((t) => first(t.keys) > 0 && inside(t.keys[0]));
  const ends = tracks.filter((t) => last(t.keys) < pictures - 1 && inside(t.keys[t.keys.length - 1]));
  const found = [], bridged = new Set();
  for (const end of ends) {
    const from = last(end.keys), box = end.keys[end.keys.length - 1].slice(1);
    const next = starts.filter((t) => t !== end && !bridged.has(t) && first(t.keys) > from && first(t.keys) - from <= NEAR && touch(box, t.keys[0].slice(1)))
      .sort((a, b) => first(a.keys) - first(b.keys))[0];
    if (next) bridged.add(next);
    found.push(next ? { n: Math.round((from + first(next.keys)) / 2), kind: "gap", ids: [end.id, next.id] } : { n: from, kind: "ends", ids: [end.id] });
  }
  for (const t of starts) if (!bridged.has(t)) found.push({ n: first(t.keys), kind: "starts", ids: [t.id] });
  for (const t of tracks) if (t.score && t.score < LOW) found.push({ n: Math.round((first(t.keys) + last(t.keys)) / 2), kind: "low", ids: [t.id] });
  return found.sort((a, b) => a.n - b.n || a.ids[0] - b.ids[0]).map((one) => ({ ...one, name: `${one.kind} ${one.ids} ${one.n}` }));
}

// Whether a box could have come from the other: they meet when each is grown by half.
function touch(a, b) {
  const grown = ([left, top, right, bottom]) => { const x = (right - left) / 4, y = (bottom - top) / 4; return [left - x, top - y, right + x, bottom + y]; };
  const [one, two] = [grown(a), grown(b)];
  return one[0] < two[2] && two[0] < one[2] && one[1] < two[3] && two[1] < one[3];
}
