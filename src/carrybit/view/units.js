// Units: the present step's units as buttons, for the keyboard, for fingers and for screen readers.

import {make} from "./elements.js";
import {short} from "./numbers.js";
import {title} from "./terms.js";
import {layer} from "./trace.js";
import {nameOf, unit as told} from "./words.js";

const MOST = 256; // buttons of a layer at a time; those around the chosen one

/** Make the panel: {element, show(state, step), follow()}; `act.choose({layer, unit})` chooses one. */
export function makeUnits(trace, act) {
  const groups = [0, 1, 2].map((which) => ({which, from: -1, buttons: [], box: make("div", {class: "grid"})}));
  const heading = make("h3", {});
  const element = make(
    "section", {class: "card units", "aria-label": "The units at this step"},
    heading,
    ...groups.map(({which, box}) => make("div", {role: "group", "aria-label": `layer_${which}`}, make("h4", {}, make("code", {}, `layer_${which}`)), box)),
  );

  function fill(group, chosen) {
    const count = trace.sizes[group.which];
    const around = group.which === chosen.layer ? chosen.unit : Math.max(group.from, 0);
    const from = Math.floor(around / MOST) * MOST;
    if (from === group.from) return;
    group.from = from;
    group.buttons = Array.from({length: Math.min(MOST, count - from)}, (_, k) => button(group.which, from + k));
    group.box.replaceChildren(...group.buttons.map(({element}) => element));
  }

  function button(which, unit) {
    const place = {layer: which, unit};
    const label = make("span", {class: "name"}, nameOf(trace, place) || String(unit));
    const number = make("span", {class: "number"});
    const onclick = () => act.choose(place);
    return {place, number, element: make("button", {type: "button", class: "unit", "data-unit": title(place), onclick}, label, number)};
  }

  return {
    element,
    show(state, step) {
      heading.textContent = `Step ${step}`;
      for (const group of groups) {
        fill(group, state.chosen);
        const values = layer(trace, group.which, step);
        for (const {element, number, place} of group.buttons) {
          const isChosen = place.layer === state.chosen.layer && place.unit === state.chosen.unit;
          number.textContent = short(values[place.unit], 2);
          element.setAttribute("aria-label", told(trace, {...place, step}));
          element.setAttribute("aria-pressed", String(isChosen));
          element.tabIndex = isChosen ? 0 : -1; // one stop for Tab; the arrows go from unit to unit
        }
      }
    },
    /** Take the focus along, where a button had it. */
    follow() {
      if (element.contains(document.activeElement)) element.querySelector('[aria-pressed="true"]')?.focus();
    },
  };
}
