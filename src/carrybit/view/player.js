// Player: the buttons and the slider that go from moment to moment, and what plays them.

import {make, unique} from "./elements.js";
import {endOfWay, happening} from "./moments.js";
import {moment as told} from "./words.js";

const PACE = 900; // milliseconds for a moment
const WHOLE = 30_000; // for one way of a long sequence
const LEAST = 40;

/** Make the player: {element, show(state), toggle(), playBack(), stop()}; `act.go(moment)` goes to a moment. */
export function makePlayer(trace, act) {
  const end = 2 * trace.time;
  const pace = Math.max(Math.min(PACE, WHOLE / trace.time), LEAST);
  let moment = 0;
  let timer = null;
  let until = 0;

  const button = (sign, label, onclick, kind = "") =>
    make("button", {type: "button", class: kind, "aria-label": label, title: label, onclick}, make("span", {"aria-hidden": "true"}, sign));
  const by = (far) => () => (stop(), act.go(moment + far));
  const first = button("«", "To the first step", () => (stop(), act.go(0)), "large");
  const back = button("‹", "One moment back", by(-1), "large");
  const play = make("button", {type: "button", class: "play", onclick: () => toggle()}, "Play");
  const on = button("›", "One moment on", by(1), "large");
  const last = button("»", "To the end of this way", () => (stop(), act.go(endOfWay(trace, moment))), "large");
  const wayBack = make("button", {type: "button", class: "way-back", onclick: () => playBack()}, "Play the way back");
  const slider = make("input", {
    type: "range", id: unique("slider"), min: "0", max: String(end), step: "1",
    "aria-label": "Moment: every step forwards, then every step back, then the update",
    oninput: () => (stop(), act.go(Number(slider.value))),
  });
  const where = make("output", {class: "where", for: slider.id});
  const element = make(
    "div", {class: "player", role: "group", "aria-label": "Player"},
    make("div", {class: "buttons"}, first, back, play, on, last, wayBack),
    make("div", {class: "track"}, slider, where),
  );

  function stop() {
    clearInterval(timer);
    timer = null;
    label();
  }

  function start(from, to) {
    stop();
    until = to;
    act.go(from);
    timer = setInterval(() => (moment < until ? act.go(moment + 1) : stop()), pace);
    label();
  }

  function toggle() {
    if (timer !== null) return stop();
    if (moment === trace.time - 1 || moment === end) start(0, trace.time - 1);
    else start(moment, moment < trace.time ? trace.time - 1 : end);
  }

  function playBack() {
    start(trace.time, end);
  }

  function label() {
    play.textContent = timer === null ? "Play" : "Pause";
    element.classList.toggle("is-playing", timer !== null);
  }

  return {
    element,
    toggle,
    playBack,
    stop,
    show(state) {
      moment = state.moment;
      if (timer !== null && moment >= until) stop();
      const {step, isBack, isEnd} = happening(trace, moment);
      slider.value = String(moment);
      slider.style.setProperty("--turn", `${(100 * (trace.time - 0.5)) / end}%`);
      slider.setAttribute("aria-valuetext", told(trace, moment));
      where.textContent = isEnd ? "the update" : `${isBack ? "back, step" : "step"} ${step} of 0–${trace.time - 1}`;
      back.disabled = first.disabled = moment === 0;
      on.disabled = last.disabled = moment === end;
    },
  };
}
