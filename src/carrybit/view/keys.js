// Keys: what each key does while a view has the focus, and the help that lists them.

import {make, unique} from "./elements.js";

export const KEYS = [
  ["→  ←", "one moment on, one back: every step forwards, then every step back, then the update"],
  ["↓  ↑", "the next unit, the one before: inputs, hidden layer, answers"],
  ["Home  End", "the first step; the end of this way, and then of the way back"],
  ["Space", "play and pause"],
  ["b", "play the way back"],
  ["1  2  3  4", "colour by activation, by where it comes from, by error and derivative, by change"],
  ["?", "this help"],
];

/** Do what a key asks for; returns whether it asked for anything. */
export function press(event, act) {
  if (event.ctrlKey || event.metaKey || event.altKey) return false;
  const {target, key} = event;
  const isChoice = target.matches?.("input[type=radio]");
  const isPressed = target.matches?.("button, summary, input, a");
  const does = {
    ArrowRight: () => act.go(1),
    ArrowLeft: () => act.go(-1),
    ArrowDown: () => act.over(1),
    ArrowUp: () => act.over(-1),
    Home: act.first,
    End: act.last,
    " ": act.toggle,
    b: act.playBack,
    "?": act.help,
  };
  if (isChoice && key.startsWith("Arrow")) return false; // a choice has its own arrows
  if (key === " " && isPressed && !target.matches(".unit, input[type=range]")) return false; // a button has its own space
  if (target.closest?.("dialog")) return false;
  const does4 = /^[1-4]$/.test(key) ? () => act.colour(Number(key) - 1) : does[key];
  if (!does4) return false;
  event.preventDefault();
  does4();
  return true;
}

/** Make the help: {element, open()}. */
export function makeHelp() {
  const id = unique("help");
  const close = make("button", {type: "button", onclick: () => element.close()}, "Close");
  const rows = KEYS.flatMap(([keys, text]) => [make("dt", {}, ...keys.split("  ").map((key) => make("kbd", {}, key))), make("dd", {}, text)]);
  const element = make("dialog", {"aria-labelledby": id, class: "help"}, make("h3", {id}, "Keys"), make("dl", {}, ...rows), close);
  return {element, open: () => element.showModal()};
}
