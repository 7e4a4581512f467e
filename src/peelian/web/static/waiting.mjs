// Keeps the bar of a job current, and goes to what came of it. Without scripts the page reloads itself.
const bar = document.querySelector("[data-waits]");

async function look() {
  const answer = await fetch(location.href, { cache: "no-store" }).catch(() => null);
  if (answer) {
    const now = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector("[data-waits]");
    if (!now) return location.replace(answer.url);
    bar.replaceChildren(...now.childNodes);
  }
  return setTimeout(look, 2000);
}

setTimeout(look, 2000);
