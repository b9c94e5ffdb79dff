// Wires: the lines that lead to a unit from those it is made of, as thick as what comes along them.

import {middle} from "./layout.js";
import {forward, largest, later, now} from "./terms.js";

const MOST = 24; // of the thickest wires; more are a blot
const THICKEST = 4;

/** Draw the wires of a unit: forwards those it is made of, on the way back those that its derivative is made of. */
export function drawWires(pen, view, place, isBack) {
  const terms = isBack ? [...now(view.trace, place), ...later(view.trace, place)] : forward(view.trace, place);
  const known = terms.filter(({source, product}) => source && source.step >= -1 && product !== 0 && Number.isFinite(product));
  const shown = known.sort((a, b) => Math.abs(b.product) - Math.abs(a.product)).slice(0, MOST);
  const most = largest(shown.map(({product}) => product));
  pen.save();
  pen.lineCap = "round";
  for (const {source, product} of shown.reverse()) {
    if (source.layer === 0 && source.step < 0) continue;
    const size = Math.abs(product) / most;
    pen.globalAlpha = 0.25 + 0.75 * size;
    pen.lineWidth = Math.max(THICKEST * size, 0.6);
    pen.strokeStyle = isBack ? view.colours.mustard : product < 0 ? view.colours.minus : view.colours.plus;
    pen.setLineDash(product < 0 ? [6, 5] : []);
    drawWire(pen, view, source, place);
  }
  pen.restore();
}

/** From the side of one cell to the side of the other: across to another step, or in a bow at the same step. */
function drawWire(pen, {layout}, source, place) {
  const [from, to] = [middle(layout, source), middle(layout, place)];
  const half = layout.column / 2 - layout.margin;
  const bow = layout.margin;
  pen.beginPath();
  if (source.step === place.step) {
    const side = from.x - half * Math.sign(to.y - from.y || 1);
    pen.moveTo(side, from.y);
    pen.bezierCurveTo(side - bow * Math.sign(to.y - from.y), from.y, side - bow * Math.sign(to.y - from.y), to.y, side, to.y);
  } else {
    const way = Math.sign(to.x - from.x);
    const [start, end] = [from.x + way * half, to.x - way * half];
    const reach = Math.max(Math.abs(end - start) / 2, 10) * way;
    pen.moveTo(start, from.y);
    pen.bezierCurveTo(start + reach, from.y, end - reach, to.y, end, to.y);
  }
  pen.stroke();
}
