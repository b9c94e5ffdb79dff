// Page: the one view of a file; keys work at once, before anything in it has the focus.

import {show} from "./view.js";

const view = show(document.querySelector("main"), JSON.parse(document.getElementById("trace").textContent));
document.addEventListener("keydown", (event) => event.target === document.body && view.key(event));
