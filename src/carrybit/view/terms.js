// Terms: what a unit is made of, one product for each arrow that leads to it, forwards and on the way back.
//
// A unit is {layer, unit, step}. A term is {source, name, value, weight, product}; its source is a unit, or null.

import {derivatives, layer, past, row} from "./trace.js";

/** What a unit is called, as in the tutorial's code: "layer_1[3]". */
export function title({layer, unit}) {
  return `layer_${layer}[${unit}]`;
}

/** The value of a unit. */
export function value(trace, {layer: which, unit, step}) {
  return layer(trace, which, step)[unit];
}

/** What arrives at a unit before its activation; null for what is given. */
export function arrives(trace, {layer: which, unit, step}) {
  if (which === 0 || step < 0) return null;
  return row(which === 1 ? trace.pre_1 : trace.pre_2, step)[unit];
}

/** How far a unit is from what it was a step before; null where there was none. */
export function change(trace, place) {
  const before = place.step - 1;
  if (before < (place.layer === 1 ? -1 : 0)) return null;
  return value(trace, place) - value(trace, {...place, step: before});
}

/** The slope of the hidden activation, told from its value. */
export function slope(trace, value) {
  const slopes = {sigmoid: value * (1 - value), tanh: 1 - value * value, relu: value > 0 ? 1 : 0};
  return slopes[trace.spec.activation];
}

/** The products whose sum arrives at a unit: inputs, memory and bias, or the hidden layer and bias. */
export function forward(trace, {layer: which, unit, step}) {
  if (which === 0 || step < 0) return [];
  if (which === 2) {
    return [
      ...products(trace, 1, step, layer(trace, 1, step), (h) => entry(trace.synapse_1, h, unit)),
      ...bias(trace.bias_2, unit),
    ];
  }
  const from = trace.spec.recurrence === "hidden" ? 1 : 0;
  return [
    ...products(trace, 0, step, layer(trace, 0, step), (i) => entry(trace.synapse_0, i, unit)),
    ...products(trace, from, step - 1, past(trace, step), (m) => entry(trace.synapse_h, m, unit)),
    ...bias(trace.bias_1, unit),
  ];
}

/** The products that come back to a unit at the same step: the answer now. */
export function now(trace, {layer: which, unit, step}) {
  if (which === 2 || step < 0) return [];
  const synapse = which === 1 ? trace.synapse_1 : trace.synapse_0;
  return products(trace, which + 1, step, derivatives(trace, which + 1, step), (k) => entry(synapse, unit, k));
}

/** The products that come back to a unit from the step after it, which remembers it: the memory later. */
export function later(trace, {layer: which, unit, step}) {
  const remembered = trace.spec.recurrence === "hidden" ? 1 : 0;
  if (which !== remembered || step + 1 >= trace.time) return [];
  return products(trace, 1, step + 1, row(trace.d_pre_1, step + 1), (k) => entry(trace.synapse_h, unit, k));
}

/** The sum of the products of terms. */
export function sum(terms) {
  return terms.reduce((total, {product}) => total + product, 0);
}

/** The largest of |numbers|, those that are finite; 0 of none. */
export function largest(numbers) {
  let most = 0;
  for (const number of numbers) if (Number.isFinite(number)) most = Math.max(most, Math.abs(number));
  return most;
}

function entry(weights, from, to) {
  return weights.values[from * weights.shape[1] + to];
}

function products(trace, which, step, values, weight) {
  return Array.from(values, (value, unit) => {
    const source = {layer: which, unit, step};
    return {source, name: title(source), value, weight: weight(unit), product: value * weight(unit)};
  });
}

function bias(weights, unit) {
  if (!weights) return [];
  const weight = weights.values[unit];
  return [{source: null, name: "bias", value: 1, weight, product: weight}];
}
