// Boxes marked in the table of a review, and the table narrowed by state, item, source and confidence.

export class Marks {
  constructor(form, tracks, told) {
    Object.assign(this, { form, tracks, told });
    this.filter = form.querySelector("[data-filter]");
    this.all = form.querySelector("[data-all]");
    this.filter.addEventListener("change", (event) => { event.stopPropagation(); this.narrow(); });
    this.all.addEventListener("change", () => {
      for (const t of this.shown()) t.pick.checked = this.all.checked;
      this.count();
    });
    form.addEventListener("change", (event) => { if (event.target.dataset.part === "pick") this.count(); });
    this.narrow();
  }

  shown() { return this.tracks.filter((t) => !t.row.hidden && t.keys.length); }

  marked() { return this.tracks.filter((t) => t.pick.checked && t.keys.length); }

  toggle(track) {
    track.pick.checked = !track.pick.checked;
    this.count();
  }

  clear() {
    for (const t of this.tracks) t.pick.checked = false;
    this.count();
  }

  // Rows that do not fit are not shown, and not marked. Nothing of them is lost: the form sends them all.
  narrow() {
    const [state, what, source, below] = [...this.filter.querySelectorAll("select")].map((s) => s.value);
    for (const t of this.tracks) {
      const hand = t.source.textContent === this.form.dataset.byHand;
      t.row.hidden = Boolean((state && t.state.value !== state) || (what && t.what.value !== what)
        || (source && (source === "manual") !== hand) || (below && (hand || t.score >= Number(below))));
      if (t.row.hidden) t.pick.checked = false;
    }
    this.count();
  }

  count() {
    const shown = this.shown(), marked = this.marked();
    this.all.checked = shown.length > 0 && shown.every((t) => t.pick.checked);
    for (const t of this.tracks) t.row.classList.toggle("marked", t.pick.checked);
    const numbers = [shown.length, this.tracks.filter((t) => t.keys.length).length, marked.length];
    this.told.textContent = numbers.reduce((text, n) => text.replace("%", n), this.told.dataset.counts);
  }
}
