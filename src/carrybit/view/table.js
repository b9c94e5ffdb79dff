// Table: every number of the present step, for those who would rather read than look.

import {make, name} from "./elements.js";
import {figure} from "./numbers.js";
import {arrives, title, value} from "./terms.js";
import {derivatives, row} from "./trace.js";
import {nameOf} from "./words.js";

const HEADS = ["unit", "stands for", "arrives", "value", "error", "derivative"];

/** Make the table, shut; it is filled only while it is open: {element, show(step)}. */
export function makeTable(trace) {
  const caption = make("caption");
  const body = make("tbody");
  let at = 0;
  const element = make(
    "details", {class: "card numbers", ontoggle: () => fill()},
    make("summary", {}, "The numbers of this step, as a table"),
    make("div", {class: "wide", tabindex: "0", role: "group", "aria-label": "Table of numbers"},
      make("table", {}, caption, make("thead", {}, make("tr", {}, ...HEADS.map((head) => make("th", {scope: "col"}, head)))), body)),
  );

  function fill() {
    if (!element.open) return;
    caption.textContent = `Step ${at}`;
    body.replaceChildren(...[0, 1, 2].flatMap((layer) => Array.from({length: trace.sizes[layer]}, (_, unit) => line({layer, unit, step: at}))));
  }

  function line(place) {
    const arriving = arrives(trace, place);
    const cells = [
      name(nameOf(trace, place)),
      arriving === null ? "" : figure(arriving, "arrives"),
      figure(value(trace, place), "value"),
      place.layer === 2 ? figure(row(trace.layer_2_error, place.step)[place.unit], "error") : "",
      figure(derivatives(trace, place.layer, place.step)[place.unit], "derivative"),
    ];
    return make("tr", {}, make("th", {scope: "row"}, make("code", {}, title(place))), ...cells.map((cell) => make("td", {}, cell)));
  }

  return {
    element,
    show(step) {
      if (at === step && body.rows.length) return;
      at = step;
      body.replaceChildren();
      fill();
    },
  };
}
