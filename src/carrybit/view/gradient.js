// Gradient: the derivative by every weight as heat maps, which assemble while the derivatives travel back.

import {faint, inkOn} from "./colours.js";
import {blank, make} from "./elements.js";
import {figure, short} from "./numbers.js";
import {happening} from "./moments.js";
import {largest} from "./terms.js";
import {past, row} from "./trace.js";

const WIDEST = 200; // pixels of a map, where a weight is 2 or more
const NAMES = ["synapse_0", "synapse_h", "synapse_1", "bias_1", "bias_2"];

/** Make the panel: {element, show(view, state)}. */
export function makeGradient(trace) {
  const maps = NAMES.filter((name) => trace[name]).map((name) => makeMap(trace, name));
  const line = make("p", {class: "soft"});
  const element = make(
    "section", {class: "card gradient", "aria-label": "The gradient"},
    make("h3", {}, "Gradient"), line, make("div", {class: "maps"}, ...maps.map(({element}) => element)),
  );
  const assembled = assembler(trace);
  let shown = null;
  return {
    element,
    show(view, {moment}) {
      const {step, isBack, isEnd} = happening(trace, moment);
      const key = `${isEnd ? "end" : isBack ? step : "none"} ${view.colours.cell}`;
      if (key === shown) return;
      shown = key;
      element.classList.toggle("is-whole", isEnd);
      line.textContent = isEnd
        ? "Every step has given its part. Only now do the weights change: each goes a little against its gradient."
        : isBack
          ? `Steps ${step} to ${trace.time - 1} have given their part; no weight has changed yet.`
          : "Nothing yet: it assembles step by step on the way back.";
      const sums = isEnd ? null : isBack ? assembled(step) : {};
      for (const map of maps) map.show(view, sums ? sums[map.name] ?? null : trace[`d_${map.name}`].values);
    },
  };
}

/** A function that gives the gradient as far as it is assembled at step t: what steps t to T-1 contribute. */
function assembler(trace) {
  const shapes = Object.fromEntries(NAMES.filter((name) => trace[name]).map((name) => [name, trace[name].values.length]));
  let [at, sums] = [trace.time, null];
  return (step) => {
    if (step > at || sums === null) {
      at = trace.time;
      sums = Object.fromEntries(Object.entries(shapes).map(([name, length]) => [name, new Float64Array(length)]));
    }
    while (at > step) contribute(trace, sums, --at);
    return sums;
  };
}

function contribute(trace, sums, step) {
  const [hidden, output] = [row(trace.d_pre_1, step), row(trace.d_pre_2, step)];
  outer(sums.synapse_0, row(trace.layer_0, step), hidden);
  outer(sums.synapse_h, past(trace, step), hidden); // memory before the step
  outer(sums.synapse_1, row(trace.layer_1, step + 1), output); // memory after the step
  if (sums.bias_1) outer(sums.bias_1, [1], hidden);
  if (sums.bias_2) outer(sums.bias_2, [1], output);
}

function outer(sum, from, to) {
  for (let i = 0; i < from.length; i++) {
    if (from[i] === 0) continue;
    for (let j = 0; j < to.length; j++) sum[i * to.length + j] += from[i] * to[j];
  }
}

/** One heat map, with a cursor that the arrows move when it has the focus. */
function makeMap(trace, name) {
  const [rows, columns] = [trace[name].shape.length > 1 ? trace[name].shape[0] : 1, trace[name].shape.at(-1)];
  const each = Math.min(Math.max(Math.floor(WIDEST / Math.max(rows, columns)), 2), 16);
  const canvas = make("canvas", {tabindex: "0", role: "img"});
  const line = make("figcaption", {class: "soft"});
  const scale = largest(trace[`d_${name}`].values) || 1;
  let [values, cursor, view] = [null, null, null];

  function draw() {
    const pen = blank(canvas, columns * each, rows * each);
    const gap = each > 5 ? 1 : 0;
    for (let k = 0; k < rows * columns; k++) {
      const [x, y] = [(k % columns) * each, Math.floor(k / columns) * each];
      const number = values ? values[k] : 0;
      const colour = faint(view.colours, "mustard", number, scale);
      pen.fillStyle = colour;
      pen.fillRect(x, y, each - gap, each - gap);
      if (number >= 0 || each <= 5) continue;
      pen.fillStyle = inkOn(colour);
      pen.fillRect(x + each * 0.3, y + each / 2 - 1, each * 0.35, 1);
    }
    pen.strokeStyle = view.colours.accent;
    pen.lineWidth = 2;
    if (cursor) pen.strokeRect(cursor.column * each, cursor.row * each, each, each);
    tell();
  }

  function tell() {
    const most = values ? largest(values) : 0;
    const k = cursor ? cursor.row * columns + cursor.column : values ? values.findIndex((number) => Math.abs(number) === most) : -1;
    if (k < 0 || !values) line.replaceChildren("–");
    else {
      const place = rows === 1 && trace[name].shape.length === 1 ? `${k}` : `${Math.floor(k / columns)}, ${k % columns}`;
      line.replaceChildren(
        cursor ? "" : "largest: ", make("code", {}, `d_${name}[${place}]`), " = ", figure(values[k], "entry"),
        make("span", {}, ` (weight ${short(trace[name].values[k])})`),
      );
    }
    canvas.setAttribute("aria-label", `d_${name}, ${rows} by ${columns}. ${line.textContent}`);
  }

  function point(row, column) {
    cursor = {row: Math.min(Math.max(row, 0), rows - 1), column: Math.min(Math.max(column, 0), columns - 1)};
    draw();
  }

  canvas.addEventListener("pointermove", ({offsetX, offsetY}) => point(Math.floor(offsetY / each), Math.floor(offsetX / each)));
  canvas.addEventListener("pointerleave", () => ((cursor = null), draw()));
  canvas.addEventListener("blur", () => ((cursor = null), draw()));
  canvas.addEventListener("keydown", (event) => {
    const way = {ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1]}[event.key];
    if (!way) return;
    event.preventDefault();
    event.stopPropagation();
    point((cursor?.row ?? 0) + (cursor ? way[0] : 0), (cursor?.column ?? 0) + (cursor ? way[1] : 0));
  });
  return {
    name,
    element: make("figure", {"data-map": name}, make("h4", {}, make("code", {}, name)), make("div", {class: "wide"}, canvas), line),
    show(now, sums) {
      [view, values] = [now, sums];
      draw();
    },
  };
}
