// Trace: what payload.py wrote, as arrays again. Everything that is shown is read from here.

/**
 * Decode a payload.
 *
 * Arrays are {shape, values}; a name that begins with d_ is the derivative by what follows.
 *
 * layer_0 (T, I)   pre_1 (T, H)   layer_1 (T+1, H)   pre_2, layer_2, layer_2_error, targets (T, O)   mask (T)
 * first (M): what step 0 remembers;  shares (T, T), values (T, H, T), baseline (T, H): provenance, where it is given
 */
export function decode(payload) {
  const arrays = Object.fromEntries(Object.entries(payload.arrays).map(([name, told]) => [name, array(told)]));
  const [time, inputs] = arrays.layer_0.shape;
  return {
    ...arrays,
    time,
    sizes: [inputs, arrays.pre_1.shape[1], arrays.layer_2.shape[1]],
    spec: payload.spec,
    caption: payload.caption,
    weight: payload.weight, // what the loss of this sequence counts: 1/B of its batch
    method: payload.method, // of the provenance, or null
  };
}

/** Row t of an array, without copying it. */
export function row(array, t) {
  const width = array.values.length / array.shape[0];
  return array.values.subarray(t * width, (t + 1) * width);
}

/** What step t remembers, (M): layer_1 of the step before, or with recurrence "input" its layer_0. */
export function past(trace, t) {
  if (t === 0) return trace.first.values;
  return trace.spec.recurrence === "hidden" ? row(trace.layer_1, t) : row(trace.layer_0, t - 1);
}

/** The values of a layer at a step; step -1 of layer 1 is the memory before any input. */
export function layer(trace, which, step) {
  if (which === 1) return row(trace.layer_1, step + 1);
  return row(which === 0 ? trace.layer_0 : trace.layer_2, step);
}

/** The derivative of the loss by what arrives at a layer; of the inputs, and of the first memory, by themselves. */
export function derivatives(trace, which, step) {
  if (which === 0) return row(trace.d_layer_0, step);
  if (which === 2) return row(trace.d_pre_2, step);
  return step < 0 ? row(trace.d_layer_1, 0) : row(trace.d_pre_1, step);
}

function array({shape, format, values, places}) {
  const told = numbers(format, values);
  if (places === undefined) return {shape, values: told};
  const whole = new told.constructor(shape.reduce((product, size) => product * size, 1)); // all others are 0
  numbers("uint32", places).forEach((place, k) => (whole[place] = told[k]));
  return {shape, values: whole};
}

const FORMATS = {float64: Float64Array, float32: Float32Array, uint32: Uint32Array};

function numbers(format, base64) {
  const octets = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
  return new FORMATS[format](octets.buffer); // lowest octet first, as in every browser there is
}
