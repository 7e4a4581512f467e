// The histogram beside a map's legend: two ends between which cells are kept, the others fade.

const OPEN = [-Infinity, Infinity];

/** In `root`: bars, the inputs of both ends and a button for all; `moved` is told of every change, `settled` when one has ended. */
export class Brush {
  constructor(root, {kit, words, filled, figure, drawing}, moved, settled) {
    Object.assign(this, {root, kit, words, filled, figure, drawing, asked: OPEN, found: null});
    this.inputs = [...root.querySelectorAll('input')];
    this.inputs.forEach((input, which) => {
      input.max = kit.BINS;
      input.addEventListener('input', () => { this.move(which); moved(); });
      input.addEventListener('change', settled);
    });
    root.querySelector('button').addEventListener('click', () => { this.set(OPEN); moved(); settled(); });
  }

  /** The lowest value that is kept, and the one that the others are under. */
  get ends() { return this.found ? this.asked : OPEN; }

  /** Other values, under the ends that were asked for. There is no histogram of one value alone. O(cells). */
  open(values, title) {
    this.found = this.kit.histogram(values);
    this.root.hidden = !this.found;
    if (!this.found) return;
    const {counts, ends} = this.found, most = Math.max(...counts), bars = this.root.querySelector('svg');
    bars.setAttribute('aria-label', this.filled(this.words.histogram, title, this.figure(ends[0]), this.figure(ends[counts.length])));
    bars.replaceChildren(...Array.from(counts, (n, k) => {
      const height = n && Math.max(n / most * 40, 1);
      return this.drawing('rect', {x: k * 5 + .25, width: 4.5, y: 40 - height, height});
    }));
    this.set(this.asked);
  }

  /** Ends as values: what stands in an address or held for the last layer. */
  set(asked) {
    this.asked = asked;
    if (!this.found) return;
    const {ends} = this.found, last = ends.length - 1, [low, high] = asked.map(value => ends.findIndex(end => end >= value));
    [low < 0 ? last - 1 : Math.min(low, last - 1), high < 0 ? last : Math.max(high, 1)].forEach((at, which) => { this.inputs[which].value = at; });
    this.tell();
  }

  move(which) {
    const {ends} = this.found, [low, high] = this.inputs.map(input => Number(input.value));
    const at = which ? Math.max(high, low + 1) : Math.min(low, high - 1);
    this.inputs[which].value = at;
    this.asked = this.asked.with(which, at === which * (ends.length - 1) ? OPEN[which] : ends[at]);
    this.tell();
  }

  tell() {
    const {ends} = this.found, [low, high] = this.asked;
    this.inputs.forEach((input, which) => {
      const said = this.figure(Number.isFinite(this.asked[which]) ? this.asked[which] : ends[Number(input.value)]);
      input.setAttribute('aria-valuetext', said);
      input.nextElementSibling.textContent = said;
    });
    [...this.root.querySelector('svg').children].forEach((bar, k) => {
      const middle = (ends[k] + ends[k + 1]) / 2;
      bar.setAttribute('class', middle >= low && middle < high ? 'in' : 'out');
    });
  }

  /** The ends in words. */
  get range() {
    const [low, high] = this.ends, {words, filled, figure} = this;
    return low === -Infinity ? filled(words.under, figure(high)) : high === Infinity ? filled(words.above, figure(low)) : filled(words.from, figure(low), figure(high));
  }

  get everything() { return this.ends.every((end, which) => end === OPEN[which]); }
}
