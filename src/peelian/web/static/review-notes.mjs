// Notes of reviewers: kept and deleted without leaving the page, so that nothing done to the boxes is lost.
const place = document.getElementById("notes"), list = place.querySelector("[data-notes]"), told = place.querySelector("[role=status]");
const frame = place.querySelector('[name="frame"]'), at = document.getElementById("at");

const follow = () => { frame.value = at.value; };
at.addEventListener("input", follow);
new MutationObserver(follow).observe(document.getElementById("where"), { childList: true, characterData: true, subtree: true });
follow();

place.addEventListener("submit", async (event) => {
  event.preventDefault();
  const sent = new URLSearchParams(new FormData(event.target, event.submitter));
  const answer = await fetch(event.target.action, { method: "POST", body: sent, redirect: "manual" }).catch(() => null);
  if (!answer || answer.status >= 400) { told.textContent = place.dataset.failed; return; }
  const now = await fetch(event.target.action);
  list.innerHTML = await now.text();
  told.textContent = sent.has("delete") ? place.dataset.deleted : place.dataset.kept;
  if (!sent.has("delete")) event.target.reset();
  follow();
});

list.addEventListener("click", (event) => {
  const link = event.target.closest("[data-frame]");
  if (!link) return;
  event.preventDefault();
  at.value = link.dataset.frame;
  at.dispatchEvent(new Event("input"));
  document.getElementById("stage").focus();
});
