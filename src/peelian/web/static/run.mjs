// Follows a run on its case's page. Without it the page asks again by itself.
const box = document.getElementById("running");
const bar = box.querySelector("progress");
const [says, share] = box.querySelectorAll("span");
const events = new EventSource(box.dataset.events);
const again = () => location.replace(box.dataset.page);

events.addEventListener("message", ({ data }) => {
  const told = JSON.parse(data);
  if (says.textContent !== told.says) says.textContent = told.says;
  if (told.share === null) return bar.removeAttribute("value");
  bar.value = told.share;
  share.textContent = `${Math.floor(100 * told.share)} %`;
});
events.addEventListener("ended", () => {
  events.close();
  again();
});
events.addEventListener("error", () => {
  if (events.readyState === EventSource.CLOSED) setTimeout(again, 3000);
});
