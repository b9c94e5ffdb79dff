// Numbers as text: three digits that count, a true minus sign; the whole number stays with the element.

import {make} from "./elements.js";

/** 0.849, −0.5, 2.31e−7, ∞, nan: as many digits as count. */
export function short(number, digits = 3) {
  if (Number.isNaN(number)) return "nan";
  if (!Number.isFinite(number)) return number > 0 ? "∞" : "−∞";
  if (number === 0) return "0";
  const size = Math.abs(number);
  let text;
  if (size < 1e-3 || size >= 1e5) text = number.toExponential(digits - 1).replace("e+", "e");
  else text = String(Number(number.toPrecision(Math.max(digits, Math.ceil(Math.log10(size) + 1e-9)))));
  return text.replaceAll("-", "−");
}

/** A number of a cell, where there is room for four signs. */
export function tiny(number) {
  const size = Math.abs(number);
  if (!Number.isFinite(number) || (Number.isInteger(number) && size < 1000)) return short(number);
  if (size >= 0.01 && size < 10) return number.toFixed(2).replace("-", "−");
  if (size >= 10 && size < 1000) return short(number, 2);
  return number.toExponential(0).replace("e+", "e").replaceAll("-", "−");
}

/** 52 %, or "under 1 %". */
export function percent(share) {
  if (share > 0 && share < 0.01) return "under 1 %";
  return `${Math.round(100 * share)} %`;
}

/** A number that is read as three digits and kept as a whole: `<data value="0.8491…">0.849</data>`. */
export function figure(number, role = null) {
  return make("data", {value: String(number), "data-role": role}, short(number));
}
