// The time line: forward in blue, backward in orange, each step as high as its tensor is large.

class Timeline {
  constructor(flow, canvas) {
    Object.assign(this, {flow, canvas});
    const go = (event) => {
      const box = canvas.getBoundingClientRect();
      const part = (event.clientX - box.left) / box.width;
      flow.go(Math.max(0, Math.min(flow.steps.length - 1, Math.floor(part * flow.steps.length))));
    };
    canvas.addEventListener("pointerdown", (event) => {
      canvas.setPointerCapture(event.pointerId);
      go(event);
    });
    canvas.addEventListener("pointermove", (event) => { if (event.buttons) go(event); });
  }

  // From 0 to 1, logarithmic.
  heights() {
    const {trace, steps} = this.flow;
    const sizes = steps.map(({phase, op}) => {
      const snapshot = phase === "forward" ? trace.data(trace.ops[op].out) : trace.gradient(trace.ops[op].out);
      return snapshot?.rms > 0 ? Math.log10(snapshot.rms) : null;
    });
    const known = sizes.filter((size) => size !== null);
    const high = known.reduce((a, b) => Math.max(a, b), -Infinity);
    const low = Math.min(high - 1, known.reduce((a, b) => Math.min(a, b), Infinity));
    return sizes.map((size) => size === null ? 0.08 : 0.18 + 0.82 * (size - low) / (high - low));
  }

  draw() {
    const {canvas, flow} = this;
    const scale = devicePixelRatio || 1, w = canvas.clientWidth, h = canvas.clientHeight;
    if (canvas.width !== Math.round(w * scale)) canvas.width = Math.round(w * scale);
    if (canvas.height !== Math.round(h * scale)) canvas.height = Math.round(h * scale);
    const context = canvas.getContext("2d");
    context.setTransform(scale, 0, 0, scale, 0, 0);
    context.clearRect(0, 0, w, h);
    const style = getComputedStyle(document.documentElement);
    const [forward, backward, text] =
      ["--forward", "--backward", "--text"].map((name) => style.getPropertyValue(name));
    this.shown = this.shown_for === flow.steps ? this.shown : this.heights();
    this.shown_for = flow.steps;
    const pitch = w / flow.steps.length, gap = pitch > 4 ? 1 : 0;
    flow.steps.forEach(({phase}, i) => {
      const height = this.shown[i] * (h - 4);
      context.globalAlpha = flow.now === null ? 0.75 : i <= flow.now ? 0.95 : 0.3;
      context.fillStyle = phase === "forward" ? forward : backward;
      context.fillRect(i * pitch, h - height, Math.max(0.5, pitch - gap), height);
    });
    context.globalAlpha = 1;
    if (flow.now === null) return;
    context.fillStyle = text;
    context.fillRect((flow.now + 0.5) * pitch - 1, 0, 2, h);
  }
}
