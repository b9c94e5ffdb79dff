// Legend: which colouring is chosen, what its colours mean, and in words what the memory is made of.

import {COLOURINGS, legendOf} from "./cells.js";
import {hue, inkOn, isHatched} from "./colours.js";
import {make, unique} from "./elements.js";
import {figure, percent, short} from "./numbers.js";
import {row} from "./trace.js";
import {mixture} from "./words.js";

/** Make the choice of colouring: {element, show(state)}; `act.colour(name)` chooses one. */
export function makeColourings(trace, act) {
  const group = unique("colouring");
  const note = unique("note");
  const inputs = COLOURINGS.map(([name]) => {
    const isMissing = name === "provenance" && !trace.values;
    const told = {"aria-describedby": isMissing ? note : null, disabled: isMissing};
    return make("input", {type: "radio", name: group, value: name, ...told, onchange: () => act.colour(name)});
  });
  const labels = COLOURINGS.map(([, label], k) => make("label", {class: inputs[k].disabled ? "is-off" : ""}, inputs[k], make("span", {}, label)));
  const why = make("p", {class: "soft why", id: note}, "Where from: this page was made without provenance, which is told for short sequences.");
  return {
    element: make("fieldset", {class: "colourings"}, make("legend", {}, "Colour by"), make("div", {class: "choices"}, ...labels), trace.values ? null : why),
    show(state) {
      for (const input of inputs) input.checked = input.value === state.colouring;
    },
  };
}

/** Make the legend: {element, show(view, state, step)}. */
export function makeLegend(trace) {
  const element = make("div", {class: "legend"});
  return {
    element,
    show(view, {colouring}, step) {
      element.replaceChildren(...(colouring === "provenance" ? provenance(trace, step) : ramp(view, colouring)));
    },
  };
}

function ramp(view, colouring) {
  const {text, stops} = legendOf(view, colouring);
  const strip = make("span", {class: "ramp", "aria-hidden": "true"});
  strip.style.background = `linear-gradient(to right, ${stops.map(([colour]) => colour).join(", ")})`;
  const ends = [stops[0][1], stops.at(-1)[1]];
  const parts = [make("span", {class: "key"}, short(ends[0]), strip, short(ends[1])), make("span", {}, text)];
  if (colouring === "derivative") {
    const chip = make("mark", {class: "error"}, "error");
    parts.push(make("span", {}, chip, " at the outputs: target − answer; a dash is below zero"));
  } else parts.push(make("span", {}, "a dash is below zero"));
  return parts;
}

/** One bar of all hues, and the sentence. */
function provenance(trace, step) {
  const shares = Array.from(row(trace.shares, step).subarray(0, step + 1));
  const parts = shares.map((share, from) => {
    const part = make("span", {class: isHatched(from) ? "part is-hatched" : "part", title: `step ${from}: ${percent(share)}`}, share > 0.05 ? String(from) : "");
    part.style.flexGrow = String(Number.isFinite(share) ? share : 0);
    part.style.background = hue(from);
    part.style.color = inkOn(hue(from));
    return part;
  });
  const numbers = shares.map((share, from) => make("span", {class: "hidden"}, figure(share, `share-${from}`)));
  return [make("div", {class: "mixture", "aria-hidden": "true"}, ...parts, ...numbers), make("p", {class: "told"}, mixture(trace, step))];
}
