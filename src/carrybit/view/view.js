// View: a trace that can be stepped through, played and asked; a page, a live page and a notebook share it.

import {COLOURINGS, scalesOf} from "./cells.js";
import {palette} from "./colours.js";
import {make, name} from "./elements.js";
import {makeEquation} from "./equation.js";
import {makeGradient} from "./gradient.js";
import {makeHelp, press} from "./keys.js";
import {makeColourings, makeLegend} from "./legend.js";
import {endOfWay, happening, momentOf} from "./moments.js";
import {makePlayer} from "./player.js";
import {makeStrip} from "./strip.js";
import {makeTable} from "./table.js";
import {decode} from "./trace.js";
import {makeUnits} from "./units.js";
import {moment as told, unit as toldUnit} from "./words.js";

/**
 * Show a trace in an element, whose style is that of style.css.
 *
 * @param {Element} element  what is in it is replaced
 * @param {object} payload   a trace as payload.py wrote it
 * @returns {{go, choose, key, close}} go(moment), choose({layer, unit}), key(event), and close(), which lets everything go
 */
export function show(element, payload) {
  const trace = decode(payload);
  const state = {moment: trace.time - 1, chosen: {layer: 1, unit: 0}, hover: null, colouring: "activation"};
  let [before, waiting, drawn] = [state.colouring, 0, null]; // the colouring before the way back; a frame; what the panels show

  const act = {
    go: (moment) => set({moment: Math.min(Math.max(moment, 0), 2 * trace.time)}),
    choose: (chosen) => set({chosen, hover: null}),
    hover: (place) => set({hover: place}),
    pick: ({unit, step}) => {
      player.stop();
      const chosen = unit ? {layer: unit.layer, unit: unit.unit} : state.chosen;
      set({chosen, hover: null, moment: step === null || step === undefined ? state.moment : momentOf(trace, step, state.moment)});
    },
    colour: (colouring) => set({colouring}),
    redraw: () => wake(),
  };
  const keys = {
    go: (far) => (player.stop(), act.go(state.moment + far)),
    over: (far) => act.choose(neighbour(trace, state.chosen, far)),
    first: () => (player.stop(), act.go(0)),
    last: () => (player.stop(), act.go(endOfWay(trace, state.moment))),
    toggle: () => player.toggle(),
    playBack: () => player.playBack(),
    help: () => help.open(),
    colour: (k) => (k === 1 && !trace.values ? null : act.colour(COLOURINGS[k][0])),
  };

  const player = makePlayer(trace, act);
  const strip = makeStrip(trace, act);
  const [colourings, legend, equation] = [makeColourings(trace, act), makeLegend(trace), makeEquation()];
  const [units, table, gradient, help] = [makeUnits(trace, act), makeTable(trace), makeGradient(trace), makeHelp()];
  const status = make("p", {class: "status", role: "status", "aria-live": "polite"});
  const root = make(
    "div", {class: "view", onkeydown: (event) => press(event, keys)},
    heading(trace, help), player.element, status,
    make(
      "div", {class: "columns"},
      make("div", {class: "card picture"}, colourings.element, strip.element, legend.element),
      make("div", {class: "side"}, equation.element, gradient.element),
      units.element,
    ),
    table.element, help.element,
  );
  element.classList.add("carrybit");
  element.replaceChildren(root);
  const view = {trace, scales: scalesOf(trace), colours: palette(element), layout: strip.fit()};

  function set(changes) {
    const was = {...state};
    Object.assign(state, changes);
    const [back, wasBack] = [happening(trace, state.moment).isBack, happening(trace, was.moment).isBack];
    if (back && !wasBack) [before, state.colouring] = [state.colouring, "derivative"];
    if (!back && wasBack) state.colouring = before;
    if (was.moment !== state.moment && !("hover" in changes && changes.hover)) state.hover = changes.hover ?? null;
    wake();
  }

  function wake() {
    waiting ||= requestAnimationFrame(render);
  }

  function render() {
    waiting = 0;
    view.layout = strip.fit();
    const {step, isEnd} = happening(trace, state.moment);
    const {layer, unit} = state.chosen;
    const now = `${state.moment} ${layer} ${unit} ${state.colouring} ${view.colours.cell}`;
    if (now !== drawn) {
      if (drawn?.split(" ")[0] !== String(state.moment)) strip.reveal(step);
      status.textContent = sentence(now, step, isEnd);
      drawn = now;
      root.classList.toggle("is-back", happening(trace, state.moment).isBack);
      player.show(state);
      colourings.show(state);
      legend.show(view, state, step);
      units.show(state, step);
      units.follow();
      table.show(step);
      gradient.show(view, state);
    }
    equation.show(trace, state.hover ?? {...state.chosen, step});
    strip.draw(view, state);
  }

  /** What has just happened: another moment, or another unit. */
  function sentence(now, step, isEnd) {
    const [was, is] = [drawn?.split(" ") ?? [], now.split(" ")];
    const isUnit = was.length && was[0] === is[0] && (was[1] !== is[1] || was[2] !== is[2]);
    return isUnit && !isEnd ? toldUnit(trace, {...state.chosen, step}) : told(trace, state.moment);
  }

  const restyle = () => ((view.colours = palette(element)), wake());
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const watcher = new ResizeObserver(wake);
  dark.addEventListener("change", restyle);
  watcher.observe(strip.element);
  render();
  return {
    go: act.go,
    choose: act.choose,
    key: (event) => press(event, keys),
    close() {
      player.stop();
      cancelAnimationFrame(waiting);
      dark.removeEventListener("change", restyle);
      watcher.disconnect();
      element.replaceChildren();
    },
  };
}

function heading({caption, spec, sizes}, help) {
  const asked = caption.right.filter((right) => right !== null);
  const steps = asked.length === 1 ? caption.steps.replace(/s$/, "") : caption.steps;
  const score = asked.length ? ` · right at ${asked.filter(Boolean).length} of ${asked.length} ${steps}` : "";
  const whole = spec.state_bits ? ` in whole numbers (${spec.state_bits}-bit states, ${spec.weight_bits}-bit weights)` : "";
  const shape = `${sizes[1]} ${spec.activation} ${sizes[1] === 1 ? "unit" : "units"}${whole}`;
  const recurrence = spec.recurrence === "input" ? " · remembers the last input" : "";
  return make(
    "header", {},
    make("div", {}, make("h2", {}, name(caption.title)), make("p", {class: "soft"}, shape, recurrence, score)),
    make("button", {type: "button", class: "ask", "aria-label": "Keys and help", title: "Keys (?)", onclick: help.open}, "?"),
  );
}

/** The unit after or before another: those of layer 0, then of layer 1, then of layer 2. */
function neighbour({sizes}, {layer, unit}, far) {
  const places = sizes.flatMap((size, which) => Array.from({length: size}, (_, k) => ({layer: which, unit: k})));
  const at = sizes.slice(0, layer).reduce((total, size) => total + size, unit);
  return places[Math.min(Math.max(at + far, 0), places.length - 1)];
}
