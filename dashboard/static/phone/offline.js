/**
 * The page that a phone shows when the server cannot be reached: it tries again by itself and by a touch.
 */

const AGAIN_MS = 5_000;

document.getElementById("again")?.addEventListener("click", () => location.reload());
addEventListener("online", () => location.reload());
setInterval(async () => {
  const isThere = await fetch("/healthz", { cache: "no-store" }).then(
    (answer) => answer.ok,
    () => false,
  );
  if (isThere) location.reload();
}, AGAIN_MS);
