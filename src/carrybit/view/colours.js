// Colours: the tutorial's. Answer black, error bright yellow, derivative mustard, one hue for each input step.

// Okabe and Ito 2008, for the colour-blind
const HUES = ["#e69f00", "#0072b2", "#56b4e9", "#d55e00", "#f0e442", "#009e73", "#cc79a7", "#bbbbbb"]; // as in figures/hues.py
const LEVELS = 128; // of a ramp, mixed once for thousands of cells
const NAMES = ["page", "card", "ink", "soft", "line", "accent", "band", "cell", "plus", "minus"];
const MORE = ["yellow", "mustard", "mustard-ink", "answer", "answer-ink"];

/** The colours of the style sheet as they are now, in the light or in the dark, and ramps from a blank cell to some. */
export function palette(element) {
  const style = getComputedStyle(element);
  const plain = Object.fromEntries([...NAMES, ...MORE].map((name) => [name, style.getPropertyValue(`--${name}`).trim()]));
  const ramp = (full) => Array.from({length: LEVELS + 1}, (_, k) => mix(plain.cell, plain[full], k / LEVELS));
  return {...plain, ramps: Object.fromEntries(["plus", "minus", "yellow", "mustard"].map((full) => [full, ramp(full)]))};
}

/** The colour of an input step; after eight steps the hues come again, darker, then lighter, as in figures/hues.py. */
export function hue(step) {
  const [colour, turn] = [HUES[step % HUES.length], Math.floor(step / HUES.length) % 3];
  return [() => colour, () => mix("#000", colour, 0.62), () => mix(colour, "#fff", 0.5)][turn]();
}

/** Whether a step is hatched beside its hue: those of every second turn, so that 48 steps are told apart. */
export function isHatched(step) {
  return Math.floor(step / HUES.length) % 2 === 1;
}

/** What lies between two colours: all of the first at 0, all of the second at 1. */
export function mix(from, to, share) {
  const [a, b] = [channels(from), channels(to)];
  const part = Math.min(Math.max(share, 0), 1);
  return `rgb(${a.map((low, k) => Math.round(low + (b[k] - low) * part)).join(" ")})`;
}

/** Black or white, whichever can be read on a colour. */
export function inkOn(colour) {
  const [red, green, blue] = channels(colour).map((channel) => {
    const share = channel / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue > 0.179 ? "#000" : "#fff";
}

/** The colour of a signed number: blank at 0, one colour above it, another below. */
export function signed(colours, number, scale) {
  if (!Number.isFinite(number)) return colours.soft;
  return level(colours.ramps[number < 0 ? "minus" : "plus"], Math.abs(number) / (scale || 1));
}

/** The colour of an error, "yellow", or of a derivative, "mustard"; by its square root, so that a faint one is seen. */
export function faint(colours, full, number, scale) {
  if (!Number.isFinite(number)) return colours.soft;
  return level(colours.ramps[full], Math.sqrt(Math.abs(number) / (scale || 1)));
}

function level(ramp, share) {
  return ramp[Math.round(Math.min(share, 1) * LEVELS)];
}

function channels(colour) {
  if (colour.startsWith("#")) {
    const digits = colour.length === 4 ? [...colour.slice(1)].map((digit) => digit + digit) : colour.slice(1).match(/../g);
    return digits.map((pair) => parseInt(pair, 16));
  }
  return colour.match(/[\d.]+/g).slice(0, 3).map(Number);
}
