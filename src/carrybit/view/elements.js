// Elements: a node with its properties and children in one call. Data becomes text nodes, and never markup.

/** Make an element: `make("p", {class: "note", onclick: act}, "text", child)`. */
export function make(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (value === null || value === undefined) continue;
    if (name === "class") element.className = value;
    else if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (typeof value === "boolean") element.toggleAttribute(name, value);
    else element.setAttribute(name, value);
  }
  element.append(...children.filter((child) => child !== null && child !== undefined));
  return element;
}

/** A text of the trace, such as the name of a symbol: it runs in its own direction, whatever characters are in it. */
export function name(text) {
  return make("bdi", {}, text);
}

/** An id that no other view has, in this page or in another script of it. */
export function unique(noun) {
  return `carrybit-${noun}-${Math.random().toString(36).slice(2, 10)}`;
}

/** A canvas drawn as finely as the screen has dots; returns its context, blank, measured in CSS pixels. */
export function blank(canvas, width, height) {
  const dots = window.devicePixelRatio || 1;
  const [wide, high] = [Math.round(width * dots), Math.round(height * dots)];
  if (canvas.width !== wide || canvas.height !== high) {
    canvas.width = wide;
    canvas.height = high;
    canvas.style.width = `${width}px`;
    canvas.style.height = `${height}px`;
  }
  const pen = canvas.getContext("2d");
  pen.setTransform(dots, 0, 0, dots, 0, 0);
  pen.clearRect(0, 0, width, height);
  return pen;
}
