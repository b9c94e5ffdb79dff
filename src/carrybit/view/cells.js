// Cells: how one unit at one step is filled, under each of the colourings.

import {faint, hue, inkOn, isHatched, mix, signed} from "./colours.js";
import {tiny} from "./numbers.js";
import {change, largest, value} from "./terms.js";
import {derivatives, row} from "./trace.js";

const NARROWEST = 1.35; // a number is written in so much less room than it would take

/** What the reader can choose; the way back is always shown by its derivatives. */
export const COLOURINGS = [
  ["activation", "Activation"],
  ["provenance", "Where from"],
  ["derivative", "Error & derivative"],
  ["change", "Change"],
];

/** The number that each colouring is full at, found once for a trace: {activation: [3 layers], ...}. */
export function scalesOf(trace) {
  const layers = [trace.layer_0, trace.layer_1, trace.layer_2].map(({values}) => values);
  const bounded = [false, trace.spec.activation !== "relu", trace.spec.loss !== "linear_squared_error"];
  return {
    activation: layers.map((values, k) => (bounded[k] ? 1 : largest(values) || 1)),
    change: [0, 1, 2].map((k) => largest(changes(trace, layers[k], k)) || 1),
    derivative: [trace.d_layer_0, trace.d_pre_1, trace.d_pre_2].map(({values}) => largest(values) || 1),
    error: largest(trace.layer_2_error.values) || 1,
  };
}

/** The number that a unit shows under a colouring; null for none. */
export function numberOf(trace, place, colouring) {
  if (colouring === "derivative") return derivatives(trace, place.layer, place.step)[place.unit];
  if (colouring === "change") return change(trace, place);
  return value(trace, place);
}

/** Fill one cell: pen is a canvas context, box {x, y, width, height}. */
export function fillCell(pen, view, place, box, colouring) {
  const {trace, colours, scales} = view;
  if (colouring === "provenance" && place.layer === 1 && place.step >= 0) return fillStripes(pen, view, place, box);
  if (colouring === "provenance" && place.layer === 0) {
    const number = value(trace, place);
    if (number === 0) return paint(pen, box, mix(colours.cell, hue(place.step), 0.25), number, tiny(number));
    fillHue(pen, colours, place.step, box);
    return write(pen, box, hue(place.step), tiny(number), number);
  }
  const isDerivative = colouring === "derivative";
  if (isDerivative && place.layer === 2) {
    const error = row(trace.layer_2_error, place.step)[place.unit];
    const spare = Math.max(view.layout.margin - 2, 0); // two numbers need the room of the wires
    box = {...box, x: box.x - spare, width: box.width + 2 * spare};
    const half = {...box, width: box.width / 2 - 1};
    paint(pen, half, faint(colours, "yellow", error, scales.error), error, tiny(error));
    box = {...box, x: box.x + box.width / 2 + 1, width: box.width / 2 - 1};
  }
  const number = numberOf(trace, place, colouring);
  if (number === null) return paint(pen, box, colours.cell, 0, "");
  const scale = scales[isDerivative || colouring === "change" ? colouring : "activation"][place.layer];
  const full = isDerivative ? faint(colours, "mustard", number, scale) : signed(colours, number, scale);
  paint(pen, box, full, number, tiny(number));
}

/** What is not known yet. */
export function fillBlank(pen, {colours}, box) {
  pen.globalAlpha = 0.45;
  paint(pen, box, colours.cell, 0, "");
  pen.globalAlpha = 1;
}

/** A rounded box. */
export function rounded(pen, {x, y, width, height}, radius = 4) {
  pen.beginPath();
  pen.roundRect(x, y, Math.max(width, 0), Math.max(height, 0), Math.min(radius, height / 2));
}

/** How much of a hidden unit is by each input so far, (step + 1) shares; all 0 where nothing is. */
export function sharesOf(trace, {unit, step}) {
  const [, hidden, time] = trace.values.shape;
  const start = (step * hidden + unit) * time;
  const sizes = Array.from(trace.values.values.subarray(start, start + step + 1), Math.abs);
  const whole = sizes.reduce((total, size) => total + size, 0);
  return sizes.map((size) => (whole > 0 ? size / whole : 0));
}

function fillStripes(pen, view, place, box) {
  let x = box.x;
  pen.save();
  rounded(pen, box);
  pen.fillStyle = view.colours.cell;
  pen.fill();
  pen.clip();
  const shares = sharesOf(view.trace, place);
  const order = view.layout.isBackwards ? [...shares.entries()].reverse() : [...shares.entries()];
  for (const [step, share] of order) {
    const stripe = {...box, x, width: share * box.width};
    fillHue(pen, view.colours, step, stripe);
    write(pen, stripe, hue(step), String(step), 0);
    x += stripe.width;
  }
  pen.restore();
}

function fillHue(pen, colours, step, box) {
  pen.fillStyle = hue(step);
  rounded(pen, box, 2);
  pen.fill();
  if (!isHatched(step)) return;
  pen.save();
  pen.clip();
  pen.strokeStyle = inkOn(hue(step));
  pen.globalAlpha = 0.55;
  pen.beginPath();
  for (let x = box.x - box.height; x < box.x + box.width; x += 5) {
    pen.moveTo(x, box.y + box.height);
    pen.lineTo(x + box.height, box.y);
  }
  pen.stroke();
  pen.restore();
}

/** A box full of one colour and its number; a box too low for numbers has a dash where its number is below zero. */
function paint(pen, box, colour, number, text) {
  pen.fillStyle = colour;
  if (box.height < 7) pen.fillRect(box.x, box.y, box.width, box.height);
  else {
    rounded(pen, box);
    pen.fill();
  }
  write(pen, box, colour, text, number);
}

function write(pen, {x, y, width, height}, colour, text, number) {
  pen.fillStyle = inkOn(colour);
  if (height >= 12) pen.fillText(fitted(pen, text, width - 3), x + width / 2, y + height / 2 + 0.5, Math.max(width - 3, 0));
  else if (number < 0 && height >= 2) pen.fillRect(x + 3, y + height / 2 - 0.5, 5, 1);
}

/** A number as it fits: whole, or without the 0 before its point, if need be a little narrower, or not at all. */
function fitted(pen, text, room) {
  const brief = text.replace(/^(−?)0\./, "$1.");
  if (pen.measureText(text).width <= room) return text;
  return pen.measureText(brief).width <= NARROWEST * room ? brief : "";
}

function changes(trace, values, which) {
  const width = trace.sizes[which];
  return values.subarray(width).map((number, k) => number - values[k]);
}

/** What the colours mean: a text, and the colours of some numbers, [colour, number]. */
export function legendOf({colours, scales, trace}, colouring) {
  const [, top] = scales[colouring === "provenance" ? "activation" : colouring] ?? [];
  const below = trace.spec.activation === "tanh" || colouring === "change" ? [[colours.minus, -top]] : [];
  const stops = [...below, [colours.cell, 0], [colours.plus, top]];
  return {
    activation: {text: "the value of each unit", stops},
    change: {text: "how far each unit is from the step before", stops},
    derivative: {text: "the derivative of the loss by each unit", stops: [[colours.cell, 0], [colours.mustard, top]]},
    provenance: {text: "", stops: []},
  }[colouring];
}

