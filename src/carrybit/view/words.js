// Words: what happened, in sentences for the line that a screen reader speaks, and for labels.

import {percent, short} from "./numbers.js";
import {largest, title, value} from "./terms.js";
import {derivatives, row} from "./trace.js";
import {happening} from "./moments.js";

/** "step 3 of 0–6: read 1 and 1, carry 0; answer 0, right". */
export function moment(trace, when) {
  const {step, isBack, isEnd} = happening(trace, when);
  if (isEnd) return "All steps have given their part of the gradient. Only now do the weights change.";
  return isBack ? wayBack(trace, step) : stepForward(trace, step);
}

/** "step 3 of 0–6". */
export function place(trace, step) {
  return `step ${step} of 0–${trace.time - 1}`;
}

/** What was read at a step: "1 and 1". */
export function read(trace, step) {
  const cells = trace.caption.rows.map(([, cells]) => apart(cells[step]));
  return cells.length > 6 ? `${cells.slice(0, 6).join(", ")}, …` : cells.join(" and ");
}

/** "layer_1[3] at step 4 is 0.849". */
export function unit(trace, place) {
  const at = place.step < 0 ? "before any input" : `at step ${place.step}`;
  const name = nameOf(trace, place);
  return `${title(place)}${name ? ` (${apart(name)})` : ""} ${at} is ${short(value(trace, place))}`;
}

/** What a unit stands for, or "" for a hidden one. */
export function nameOf(trace, {layer, unit}) {
  if (layer === 1) return "";
  return (layer === 0 ? trace.caption.inputs : trace.caption.outputs)[unit] ?? "";
}

/** The sentence that answers the tutorial's question: what is the memory made of? */
export function mixture(trace, step) {
  const shares = Array.from(row(trace.shares, step).subarray(0, step + 1), (share, from) => ({share, from}));
  const told = shares.filter(({share}) => share >= 0.005).sort((a, b) => b.share - a.share);
  if (!told.length) return `At step ${step}, nothing in the memory comes from an input.`;
  const [most, ...others] = told;
  const rest = others.map(({share, from}) => `${percent(share)} from step ${from}`);
  const first = `At step ${step}, ${percent(most.share)} of the memory comes from the input of step ${most.from}`;
  return rest.length ? `${first}, ${list(rest)}.` : `${first}.`;
}

/** "a, b and c". */
export function list(words) {
  return words.length < 2 ? words.join("") : `${words.slice(0, -1).join(", ")} and ${words.at(-1)}`;
}

/** A name inside a sentence, whose direction ends where the name ends. */
export function apart(text) {
  return /[\u0590-\u08ff\u200e\u200f\u202a-\u202e\u2066-\u2069]/.test(text) ? `\u2068${text}\u2069` : text;
}

function stepForward(trace, step) {
  const {caption} = trace;
  const state = caption.states.length ? `, ${apart(caption.states[step])} so far` : "";
  const verdict = {true: ", right", false: `, wrong: it is ${apart(caption.truth[step])}`}[caption.right[step]] ?? "";
  return `${place(trace, step)}: read ${read(trace, step)}${state}; answer ${apart(caption.answers[step])}${verdict}`;
}

function wayBack(trace, step) {
  const [error, back] = [row(trace.layer_2_error, step), Array.from(derivatives(trace, 1, step))];
  const most = back.findIndex((number) => Math.abs(number) === largest(back));
  const wrong = error.length === 1 ? `error ${short(error[0])}` : `largest error ${short(largest(error))}`;
  const told = most < 0 ? "no derivative" : `largest derivative ${short(back[most])}, of ${title({layer: 1, unit: most})}`;
  const held = step === trace.time - 1 ? `step ${step}` : `steps ${step} to ${trace.time - 1}`;
  return `way back, ${place(trace, step)}: ${wrong}; ${told}; the gradient holds ${held}`;
}
