// Layout: where every column and every row of the strip stands, and which unit stands at a place.

const HEIGHTS = [[4, 26], [16, 22], [24, 18], [40, 13], [64, 7], [160, 4], [Infinity, 3]]; // of a cell, by how many there are
const NAMED = 11; // pixels that the name of a unit needs
const TEXT = 26;
const GAP = 14;

/**
 * Lay a trace out in so many pixels of width.
 *
 * Column 0 is the memory before any input; column t+1 is step t. Digits of numbers are written from right to left.
 *
 * @param {(text: string) => number} measure  how wide a text is
 */
export function layOut(trace, width, measure) {
  const rows = rowsOf(trace);
  const texts = rows.filter(({kind}) => kind === "text" || kind === "answer").flatMap(({cells}) => cells);
  const widest = Math.max(...texts.slice(0, 4000).map(measure), 0) + 14;
  const isNarrow = width < 560;
  const names = rows.flatMap(({kind, each, names, head}) => (kind === "units" && each >= NAMED ? [head, ...names] : [head]));
  const gutter = Math.min(Math.max(...names.map(measure)) + 20, isNarrow ? 70 : 132);
  const columns = trace.time + 1;
  const room = Math.floor((width - gutter - 1) / columns);
  const least = isNarrow ? 52 : 60;
  const column = room >= least ? Math.min(room, 108) : Math.min(Math.max(widest, least), 120);
  const last = rows.at(-1);
  const whole = gutter + columns * column;
  const isBackwards = trace.caption.is_read_backwards;
  return {
    rows,
    gutter,
    column,
    margin: column >= 72 ? Math.min(column * 0.17, 18) : 5, // of a cell to each side, for the wires
    columns,
    isBackwards,
    width: Math.max(whole, width),
    whole,
    height: last.y + last.height + 10,
    x: (step) => (isBackwards ? Math.max(whole, width) - (step + 2) * column : gutter + (step + 1) * column),
  };
}

/** The row of units of a layer. */
export function unitsRow(layout, layer) {
  return layout.rows.find((row) => row.layer === layer);
}

/** The middle of a unit's cell. */
export function middle(layout, {layer, unit, step}) {
  const row = unitsRow(layout, layer);
  return {x: layout.x(step) + layout.column / 2, y: row.y + (unit + 0.5) * row.each};
}

/** The unit at a place of the strip, or null. */
export function unitAt(layout, trace, x, y) {
  const along = layout.isBackwards ? layout.width - x : x - layout.gutter;
  const step = Math.floor(along / layout.column) - 1;
  const row = layout.rows.find((each) => each.kind === "units" && y >= each.y && y < each.y + each.height);
  if (!row || step >= trace.time || step < (row.layer === 1 ? -1 : 0)) return null;
  return {layer: row.layer, unit: Math.min(Math.floor((y - row.y) / row.each), row.count - 1), step};
}

/** The step at a place of the strip, whatever row; null beside it. */
export function stepAt(layout, trace, x) {
  const along = layout.isBackwards ? layout.width - x : x - layout.gutter;
  const step = Math.floor(along / layout.column) - 1;
  return step >= 0 && step < trace.time ? step : null;
}

/** The first and the last step of those that a window of the strip shows. */
export function visible(layout, trace, left, width) {
  const ends = [left, left + width].map((x) => {
    const along = layout.isBackwards ? layout.width - x : x - layout.gutter;
    return Math.floor(along / layout.column) - 1;
  });
  return [Math.max(Math.min(...ends), -1), Math.min(Math.max(...ends), trace.time - 1)];
}

function rowsOf(trace) {
  const {caption} = trace;
  const steps = Array.from({length: trace.time}, (_, t) => String(t));
  const rows = [text(caption.is_read_backwards ? "← step" : "step →", steps, "step")];
  const isSaid = caption.rows.length === trace.sizes[0] && caption.rows.every(([head], i) => head === caption.inputs[i]);
  if (!isSaid || !isSame(trace)) rows.push(...caption.rows.map(([head, cells]) => text(head, cells, "text")));
  for (const row of rows) row.isGiven = true;
  rows.push({...units(trace, 0, "layer_0", caption.inputs), isGiven: true});
  rows.push(units(trace, 1, "layer_1", Array.from({length: trace.sizes[1]}, (_, h) => `layer_1[${h}]`)));
  if (caption.remembered.length) {
    const [before, ...cells] = caption.remembered;
    rows.push({...text(caption.memory ? `${caption.memory} after` : "to remember", cells, "text"), before});
  }
  rows.push(units(trace, 2, "layer_2", caption.outputs), text("answer", caption.answers, "answer"), text("target", caption.truth, "target"));
  let y = 4;
  for (const [k, row] of rows.entries()) {
    y += k && (row.kind === "units" || rows[k - 1].kind === "units") ? GAP : 0;
    row.y = y;
    y += row.height;
  }
  return rows;
}

/** Whether the cells of a caption say the same numbers as the units do. */
function isSame(trace) {
  const {caption, layer_0: inputs} = trace;
  return caption.rows.every(([, cells], i) => cells.every((cell, t) => Number(cell) === inputs.values[t * trace.sizes[0] + i]));
}

function text(head, cells, kind) {
  return {kind, head, cells, height: TEXT};
}

function units(trace, layer, head, names) {
  const count = trace.sizes[layer];
  const [, each] = HEIGHTS.find(([most]) => count <= most);
  return {kind: "units", layer, head, names, isNamed: each >= NAMED, count, each, height: count * each};
}
