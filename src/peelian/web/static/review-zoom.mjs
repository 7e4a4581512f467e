// Enlarges the picture of a review, with its boxes: by keys, buttons and the wheel, and moves what is enlarged about.

const MOST = 8;

export class Zoom {
  constructor(stage, view, changed) {
    Object.assign(this, { stage, view, changed });
    this.scale = 1;
    this.x = this.y = 0;
    stage.addEventListener("wheel", (event) => {  // a page that is only scrolled past keeps its wheel
      if (!event.ctrlKey && document.activeElement !== stage) return;
      event.preventDefault();
      this.by(event.deltaY < 0 ? 1.25 : 0.8, event.clientX, event.clientY);
    }, { passive: false });
  }

  // Enlarge so that the point under the pointer stays (the middle where there is none).
  by(factor, atX, atY) {
    const area = this.stage.getBoundingClientRect();
    const x = (atX ?? area.left + area.width / 2) - area.left, y = (atY ?? area.top + area.height / 2) - area.top;
    const scale = Math.min(MOST, Math.max(1, this.scale * factor)), grown = scale / this.scale;
    this.scale = scale;
    this.to(x - (x - this.x) * grown, y - (y - this.y) * grown);
  }

  // Move what is seen, in tenths of the picture; false where the whole picture is seen.
  pan(dx, dy) {
    if (this.scale === 1) return false;
    this.to(this.x - (dx * this.stage.clientWidth) / 10, this.y - (dy * this.stage.clientHeight) / 10);
    return true;
  }

  // Bring a box into sight, in shares of the picture.
  show([left, top, right, bottom]) {
    if (this.scale === 1) return;
    const { clientWidth: wide, clientHeight: tall } = this.stage;
    this.to(wide / 2 - ((left + right) / 2) * wide * this.scale, tall / 2 - ((top + bottom) / 2) * tall * this.scale);
  }

  to(x, y) {
    const { clientWidth: wide, clientHeight: tall } = this.stage;
    this.x = Math.min(0, Math.max(wide * (1 - this.scale), x));
    this.y = Math.min(0, Math.max(tall * (1 - this.scale), y));
    this.view.style.transform = this.scale === 1 ? "" : `translate(${this.x}px, ${this.y}px) scale(${this.scale})`;
    this.changed();
  }
}
