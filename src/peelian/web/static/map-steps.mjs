// Steps in order through what a map can be switched between: shifts, weeks, periods of the past.

const PACE = 1000;  // milliseconds a step
const calm = matchMedia('(prefers-reduced-motion: reduce)');

/** One button: it plays and pauses, or goes one step on where a reader wants less motion. */
export class Player {
  constructor(root, {words, filled, made}, explain) {
    const [select, button, line] = ['select', 'button', '[role="status"]'].map(one => root.querySelector(one));
    Object.assign(this, {root, select, button, line, words, filled, made, explain, ways: [], turn: 0, playing: false});
    button.addEventListener('click', () => this.playing ? this.stop() : this.play());
    calm.addEventListener('change', () => this.stop());
    this.stop();
  }

  /** Each way has a title, its steps' names, which one is shown (`at()`, -1 for none) and `show(k)`. One step is none. */
  offer(ways) {
    this.ways = ways.filter(({names}) => names.length > 1);
    this.root.hidden = !this.ways.length;
    const before = this.select.value;
    this.select.replaceChildren(...this.ways.map(({id, title}) => this.made('option', {value: id, textContent: title, selected: id === before})));
  }

  async play() {
    const turn = ++this.turn, {names, at, show} = this.ways[this.select.selectedIndex], once = calm.matches;
    this.playing = !once;
    this.label();
    try {
      for (let k = -1; k < names.length - 1;) {
        k = (at() + 1) % names.length;
        await show(k);
        if (turn !== this.turn) return;
        this.line.textContent = this.filled(this.words.step_of, names[k], k + 1, names.length);
        if (once) break;
        if (k < names.length - 1) await new Promise(done => setTimeout(done, PACE));
        if (turn !== this.turn) return;
      }
    } catch (error) { this.explain(error); }
    this.stop();
  }

  stop() {
    this.turn++;
    this.playing = false;
    this.label();
  }

  label() { this.button.textContent = this.playing ? this.words.pause : calm.matches ? this.words.next : this.words.play; }
}
