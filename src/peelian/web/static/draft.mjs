// Saves a draft a moment after something in its form changed. Without it the form's own button saves.
const form = document.querySelector("form[data-failed]");
const status = document.getElementById("saved");
let waiting = 0;

async function save() {
  const body = new URLSearchParams(new FormData(form));
  body.set("act", "save");
  try {
    const answer = await fetch(form.action, { method: "POST", body, headers: { accept: "application/json" } });
    status.textContent = answer.ok ? (await answer.json()).saved : form.dataset.failed;
  } catch {
    status.textContent = form.dataset.failed;
  }
}

form.addEventListener("change", () => {
  clearTimeout(waiting);
  waiting = setTimeout(save, 800);
});
