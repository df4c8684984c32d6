// A file of its own, because the page's policy allows no inline script.
import start from "./causeway.js";

// Asked for by the page where no agent answers; only then is it fetched.
globalThis.openInPage = async (receive) => {
  const program = await import("./in-page.js");
  await program.default();
  return new program.InPage(receive);
};

await start();
document.getElementById("before")?.remove();
