// Strip: the unrolled sequence on a canvas, a column for each step. Only the columns that can be seen are drawn.

import {fillBlank, fillCell, rounded} from "./cells.js";
import {blank, make} from "./elements.js";
import {layOut, stepAt, unitAt, visible} from "./layout.js";
import {happening} from "./moments.js";
import {drawWires} from "./wires.js";

const FONT = "ui-sans-serif, system-ui, -apple-system, 'Segoe UI', Roboto, sans-serif";

const GLIDE = 0.3; // of the way that is left, in a frame

/** Make the strip: {element, fit(), draw(view, state), reveal(step)}; `act` is told what the pointer is over, or picks. */
export function makeStrip(trace, act) {
  const canvas = make("canvas", {"aria-hidden": "true"});
  const spacer = make("div", {class: "spacer"});
  const scroller = make("div", {
    class: "scroller",
    tabindex: "0",
    role: "group",
    "aria-label": "The sequence, a column for each step. Left and right arrow: another moment. Up and down: another unit.",
  }, spacer);
  const element = make("div", {class: "strip"}, canvas, scroller);
  const stillness = matchMedia("(prefers-reduced-motion: reduce)");
  let layout = null;
  let width = 0;
  let band = null; // where the mark of the present column is, on its way

  function fit() {
    if (scroller.clientWidth === width && layout) return layout;
    const isFirst = layout === null;
    width = scroller.clientWidth;
    const pen = canvas.getContext("2d");
    pen.font = `12px ${FONT}`;
    layout = layOut(trace, width, (text) => pen.measureText(text).width);
    spacer.style.width = `${layout.width}px`;
    spacer.style.height = `${layout.height}px`;
    if (isFirst && layout.isBackwards) scroller.scrollLeft = layout.width;
    return layout;
  }

  function place(event) {
    const box = scroller.getBoundingClientRect();
    const [x, y] = [event.clientX - box.left, event.clientY - box.top];
    if (!layout || x < layout.gutter || x > scroller.clientWidth || y > scroller.clientHeight) return {};
    const across = x + scroller.scrollLeft;
    return {unit: unitAt(layout, trace, across, y + scroller.scrollTop), step: stepAt(layout, trace, across)};
  }

  scroller.addEventListener("scroll", () => act.redraw(), {passive: true});
  scroller.addEventListener("pointermove", (event) => event.pointerType === "mouse" && act.hover(place(event).unit ?? null));
  scroller.addEventListener("pointerleave", () => act.hover(null));
  scroller.addEventListener("click", (event) => act.pick(place(event)));

  return {
    element,
    fit,
    draw(view, state) {
      const [across, down] = [scroller.clientWidth, scroller.clientHeight];
      const pen = blank(canvas, across, down);
      const goal = view.layout.x(happening(trace, state.moment).step);
      band = stillness.matches || band === null || Math.abs(goal - band) < 1 ? goal : band + (goal - band) * GLIDE;
      if (band !== goal) act.redraw();
      drawColumns(pen, view, state, {left: scroller.scrollLeft, top: scroller.scrollTop, width: across, height: down, band});
      element.dataset.frames = String(Number(element.dataset.frames ?? 0) + 1);
    },
    reveal(step) {
      const x = layout.x(step);
      const [first, last] = [scroller.scrollLeft + layout.gutter, scroller.scrollLeft + width];
      if (x - layout.column < first) scroller.scrollLeft = x - layout.gutter - layout.column;
      else if (x + 2 * layout.column > last) scroller.scrollLeft = x + 2 * layout.column - width;
    },
  };
}

function drawColumns(pen, view, state, box) {
  const {trace, layout, colours} = view;
  const {step, isBack, isEnd} = happening(trace, state.moment);
  const [first, last] = visible(layout, trace, box.left, box.width);
  pen.textAlign = "center";
  pen.textBaseline = "middle";
  pen.save();
  pen.translate(-box.left, -box.top);
  if (!isEnd) {
    pen.fillStyle = colours.band;
    rounded(pen, {x: box.band + 1, y: 1, width: layout.column - 2, height: layout.height - 2}, 10);
    pen.fill();
  }
  for (let t = first; t <= last; t++) {
    const isToCome = isBack ? !isEnd && t < step : state.colouring !== "derivative" && t > step;
    drawColumn(pen, view, state.colouring, t, ({kind, isGiven}) => isToCome && (isBack ? kind === "units" : !isGiven));
  }
  const chosen = state.hover ?? {...state.chosen, step};
  if (!(isEnd && !state.hover)) drawChosen(pen, view, chosen, isBack);
  pen.restore();
  drawGutter(pen, view, box);
}

/** Draw a column; `isUnknown` tells of a row whether it is not known yet. */
function drawColumn(pen, view, colouring, step, isUnknown) {
  const {layout, colours, trace} = view;
  const x = layout.x(step);
  for (const row of layout.rows) {
    if (row.kind === "units") {
      if (step < 0 && row.layer !== 1) continue;
      const gap = row.each >= 12 ? 2 : row.each >= 5 ? 1 : 0;
      pen.font = `${row.each >= 18 ? 11 : 9.5}px ${FONT}`;
      for (let unit = 0; unit < row.count; unit++) {
        const cell = {x: x + layout.margin, y: row.y + unit * row.each, width: layout.column - 2 * layout.margin, height: row.each - gap};
        if (isUnknown(row)) fillBlank(pen, view, cell);
        else fillCell(pen, view, {layer: row.layer, unit, step}, cell, colouring);
      }
    } else if (!isUnknown(row)) drawText(pen, view, row, step, {x, y: row.y, width: layout.column, height: row.height});
  }
}

function drawText(pen, {colours, layout, trace}, row, step, {x, y, width, height}) {
  const text = step < 0 ? (row.kind === "step" ? "start" : row.before ?? "") : row.cells[step];
  if (!text) return;
  pen.font = row.kind === "step" ? `11px ${FONT}` : `600 ${text.length > 6 ? 12 : 14}px ${FONT}`;
  pen.fillStyle = row.kind === "step" ? colours.soft : colours.ink;
  if (row.kind === "answer") {
    const chip = {x: x + layout.margin, y: y + 1, width: width - 2 * layout.margin, height: height - 2};
    pen.fillStyle = colours.answer;
    pen.strokeStyle = colours.soft;
    rounded(pen, chip, 6);
    pen.fill();
    pen.stroke();
    pen.fillStyle = colours["answer-ink"];
  }
  const mark = row.kind === "target" ? {true: " ✓", false: " ✗"}[trace.caption.right[step]] ?? "" : "";
  pen.fillText(text + mark, x + width / 2, y + height / 2 + 1, width - 10);
}

function drawChosen(pen, view, place, isBack) {
  const {layout, colours} = view;
  const row = layout.rows.find(({layer}) => layer === place.layer);
  drawWires(pen, view, place, isBack);
  pen.strokeStyle = colours.accent;
  pen.lineWidth = 2;
  const inset = layout.margin - 1;
  const y = row.y + place.unit * row.each - 1;
  rounded(pen, {x: layout.x(place.step) + inset, y, width: layout.column - 2 * inset, height: Math.max(row.each, 4)}, 5);
  pen.stroke();
}

function drawGutter(pen, {layout, colours}, {top, height}) {
  pen.fillStyle = colours.card;
  pen.fillRect(0, 0, layout.gutter - 2, height);
  pen.textAlign = "left";
  for (const row of layout.rows) {
    const y = row.y - top;
    if (row.kind !== "units") {
      pen.font = `12px ${FONT}`;
      pen.fillStyle = colours.soft;
      pen.fillText(row.head, 4, y + row.height / 2 + 1, layout.gutter - 14);
      continue;
    }
    pen.font = `11px ${FONT}`;
    pen.fillStyle = colours.soft;
    for (let unit = 0; row.isNamed && unit < row.count; unit++) {
      const name = layout.gutter < 80 && row.layer === 1 ? `[${unit}]` : row.names[unit] ?? "";
      pen.fillText(name, 4, y + (unit + 0.5) * row.each, layout.gutter - 14);
    }
    if (!row.isNamed) pen.fillText(`${row.head} (${row.count})`, 4, y + Math.min(row.height / 2, 12), layout.gutter - 14);
  }
}
