// Tells of the item nearest to the pointer or the finger, and of the next at each arrow key.
const tip = make("div", {className: "tip", hidden: true, role: "status"});
const here = make("div", {className: "here", hidden: true});

const show_tip = (drawing, view, item) => {
  const {left, top} = drawing.firstElementChild.getBoundingClientRect();
  const [x, y] = [left + view.origin()[0], top + view.origin()[1]];
  const [x1, y1, x2, y2] = item.box;
  tip.replaceChildren(...rows_of(item.fields));
  tip.hidden = here.hidden = false;
  here.classList.toggle("round", item.round);
  Object.assign(here.style, {left: `${x + x1 - 2}px`, top: `${y + y1 - 2}px`, width: `${x2 - x1 + 4}px`,
                             height: `${y2 - y1 + 4}px`});
  const {width, height} = tip.getBoundingClientRect();
  const above = y + y1 - height - 8;
  tip.style.left = `${Math.max(4, Math.min(innerWidth - width - 4, x + item.x - width / 2))}px`;
  tip.style.top = `${above > 4 ? above : y + y2 + 8}px`;
};

const rows_of = (fields) => Object.entries(fields).filter(([, value]) => is_told(value)).map(
    ([name, value]) => make("div", {}, make("b", {textContent: `${name} `}), digits(value)));

const hide_tip = () => { tip.hidden = here.hidden = true; };

const add_tips = (drawing, view) => {
  let items, now;
  const all = () => items ||= items_of(view);
  const show = (item) => { if (item) show_tip(drawing, view, now = item); };
  const point = (event) => {
    const {left, top} = drawing.firstElementChild.getBoundingClientRect();
    const [x, y] = view.origin();
    show(nearest(all(), event.clientX - left - x, event.clientY - top - y));
  };
  drawing.onpointermove = drawing.onpointerdown = point;
  drawing.onpointerleave = (event) => { if (event.pointerType !== "touch") hide_tip(); };
  drawing.onblur = hide_tip;
  drawing.onkeydown = (event) => {
    if (event.key === "Escape") return hide_tip();
    if (!/^(Arrow(Left|Right|Up|Down)|Home|End)$/.test(event.key)) return;
    event.preventDefault();
    const first = all().find((item) => item.kind !== "rule");
    show(tip.hidden || !now ? now || first : neighbour(all(), now, event.key));
  };
};

addEventListener("scroll", hide_tip, true);
addEventListener("pointerdown", (event) => { if (!event.target.closest(".drawing")) hide_tip(); });
