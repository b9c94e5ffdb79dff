// Equation: a unit with its numbers, forwards and on the way back, every term of it.

import {hue} from "./colours.js";
import {make, name} from "./elements.js";
import {figure, short} from "./numbers.js";
import {arrives, forward, largest, later, now, slope, sum, title, value} from "./terms.js";
import {derivatives, row} from "./trace.js";
import {nameOf} from "./words.js";

const WRITTEN = 4; // terms in the line; all of them are in the list below it
const OUTPUTS = {softmax_cross_entropy: "softmax", linear_squared_error: ""};

/** Make the panel: {element, show(trace, place)}. */
export function makeEquation() {
  const element = make("section", {class: "card equation", "aria-label": "The equation of the chosen unit"});
  let shown = null;
  return {
    element,
    show(trace, place) {
      const key = `${title(place)} ${place.step}`;
      if (key === shown) return; // so that nothing is built again while the strip scrolls
      shown = key;
      const said = nameOf(trace, place);
      const at = place.step < 0 ? "before any input" : `at step ${place.step}`;
      element.replaceChildren(
        make("h3", {}, make("code", {}, title(place)), said ? make("span", {class: "soft"}, " ", name(said)) : "", ` ${at}`),
        make("p", {class: "value"}, figure(value(trace, place), "value")),
        ...forwards(trace, place),
        ...(trace.values && place.layer === 1 && place.step >= 0 ? comesFrom(trace, place) : []),
        ...backwards(trace, place),
      );
    },
  };
}

function forwards(trace, place) {
  const terms = forward(trace, place);
  if (place.step < 0) return [make("p", {class: "soft"}, "What the network remembers before it has read anything.")];
  if (!terms.length) return [make("p", {class: "soft"}, "An input: it is given, not computed.")];
  const total = arrives(trace, place);
  const applied = place.layer === 1 ? (trace.spec.state_bits ? "stairs" : trace.spec.activation) : OUTPUTS[trace.spec.loss] ?? "sigmoid";
  const result = figure(value(trace, place), "result");
  const line = applied
    ? make("p", {class: "line"}, `= ${applied}(`, ...inline(terms), ")", make("br"), `= ${applied}(`, figure(total, "arrives"), ") = ", result)
    : make("p", {class: "line"}, "= ", ...inline(terms), make("br"), "= ", result);
  const note = applied === "softmax" ? softmax(trace, place) : null;
  return [line, note, list(terms, "forward")].filter(Boolean);
}

/** exp of what arrives here, divided by the sum of those of all outputs. */
function softmax(trace, {step, unit}) {
  const all = row(trace.pre_2, step);
  const most = Math.max(...all);
  const raised = all.map((number) => Math.exp(number - most));
  const whole = raised.reduce((total, number) => total + number, 0);
  return make("p", {class: "soft"}, "exp of it, over the sum of exp of all outputs: ", short(raised[unit]), " / ", short(whole));
}

function backwards(trace, place) {
  const heading = make("h4", {class: "back"}, "On the way back");
  const [answer, memory] = [now(trace, place), later(trace, place)];
  if (place.layer === 2) return [heading, outputBack(trace, place)];
  const symbol = place.layer === 1 ? "d_layer_1" : "d_layer_0";
  const whole = place.layer === 1 ? row(trace.d_layer_1, place.step + 1)[place.unit] : derivatives(trace, 0, place.step)[place.unit];
  const first = place.layer === 1 ? "answer now" : "by its own step";
  const lines = [`${symbol} = ${first} `, figure(sum(answer), "now"), " + memory later ", figure(sum(memory), "later"), " = ", figure(whole, "d_layer")];
  if (place.layer === 1 && place.step >= 0) {
    const steep = slope(trace, value(trace, place));
    const told = row(trace.d_pre_1, place.step)[place.unit];
    lines.push(make("br"), "d_pre_1 = ", short(whole), " · slope ", figure(steep, "slope"), " = ", figure(told, "d_pre"));
  }
  const terms = [...answer, ...memory];
  return [heading, make("p", {class: "line"}, ...lines), terms.length ? list(terms, "back") : null].filter(Boolean);
}

function outputBack(trace, place) {
  const {step, unit} = place;
  if (!trace.mask.values[step]) return make("p", {class: "line"}, "This step does not count: its error and its derivative are 0.");
  const [answer, target] = [row(trace.layer_2, step)[unit], row(trace.targets, step)[unit]];
  const [error, told] = [row(trace.layer_2_error, step)[unit], row(trace.d_pre_2, step)[unit]];
  const steep = trace.spec.loss === "squared_error" ? [" · slope ", figure(answer * (1 - answer), "slope")] : [];
  return make(
    "p", {class: "line"},
    make("mark", {class: "error"}, "error = target − answer = ", short(target), " − ", short(answer), " = ", figure(error, "error")),
    make("br"), "d_pre_2 = −error", ...steep, trace.weight === 1 ? "" : ` · ${short(trace.weight)} of the batch`, " = ",
    figure(told, "d_pre"),
    Number.isFinite(told) ? "" : " (no finite number)",
  );
}

/** How much of a hidden unit is by the input of each step so far. */
function comesFrom(trace, {unit, step}) {
  const [, hidden, time] = trace.values.shape;
  const start = (step * hidden + unit) * time;
  const parts = Array.from(trace.values.values.subarray(start, start + step + 1));
  const most = largest(parts);
  const items = parts.map((part, from) =>
    make("li", {}, make("span", {class: "term"}, `input of step ${from}`), figure(part, "part"), bar(part, most, hue(from))));
  const base = short(row(trace.baseline, step)[unit]);
  const told = {
    shapley: `${base} if no input were known; these make up the rest:`,
    ablation: "How far it would fall if one input alone were not known:",
    gradient: "What each input would give if the network were a straight line here:",
  };
  return [
    make("h4", {}, "Where it comes from"),
    make("p", {class: "soft"}, told[trace.method]),
    make("ol", {class: "terms", "data-list": "provenance", tabindex: "0", "aria-label": "What each input adds"}, ...items),
  ];
}

function inline(terms) {
  const shown = bySize(terms).slice(0, terms.length <= WRITTEN + 1 ? terms.length : WRITTEN);
  const written = shown.flatMap(({value, weight}, k) => [k ? " + " : "", `${short(value)}·${short(weight)}`]);
  return shown.length < terms.length ? [...written, ` + ${terms.length - shown.length} more`] : written;
}

/** All terms, the largest first. */
function list(terms, role) {
  const most = largest(terms.map(({product}) => product));
  const items = bySize(terms).map((term) =>
    make(
      "li", {},
      make("span", {class: "term"}, make("code", {}, term.name), make("span", {class: "soft"}, whence(term))),
      make("span", {class: "factors"}, `${short(term.value)} · ${short(term.weight)} = `, figure(term.product, "product")),
      bar(term.product, most),
    ));
  const label = role === "back" ? "Every term of the derivative, the largest first" : "Every term, the largest first";
  return make("ol", {class: `terms ${role}`, "data-list": role, tabindex: "0", "aria-label": label}, ...items);
}

function whence({source}) {
  if (!source) return "";
  return source.step < 0 ? " at the start" : ` step ${source.step}`;
}

function bar(number, most, colour = null) {
  const line = make("span", {class: number < 0 ? "bar minus" : "bar", "aria-hidden": "true"}, make("i"));
  line.firstChild.style.width = `${Number.isFinite(number) && most ? (100 * Math.abs(number)) / most : 0}%`;
  if (colour) line.firstChild.style.setProperty(number < 0 ? "--minus" : "background", colour); // a minus is hatched
  return line;
}

function bySize(terms) {
  return [...terms].sort((a, b) => Math.abs(b.product) - Math.abs(a.product));
}
