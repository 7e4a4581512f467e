// Shows how far a job is, in place, and goes to the page that comes after it. Without scripts the page reloads itself.
const again = async () => {
  let answer;
  try {
    answer = await fetch(location.href, { headers: { accept: "text/html" } });
  } catch {
    setTimeout(again, 2000); // the network was away for a moment
    return;
  }
  const page = answer.ok && !answer.redirected && new DOMParser().parseFromString(await answer.text(), "text/html");
  const now = page && page.querySelector("[data-waits]");
  if (!now) {
    location.replace(answer.url);
    return;
  }
  document.querySelector("[data-waits]").replaceWith(now);
  setTimeout(again, 2000);
};
setTimeout(again, 2000);
