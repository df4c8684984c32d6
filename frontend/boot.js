// A file of its own, because the page's policy allows no inline script.
import start from "./causeway.js";

await start();
document.getElementById("before")?.remove();
