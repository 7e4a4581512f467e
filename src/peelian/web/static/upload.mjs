// Sends a file in pieces, so that a connection that broke goes on where it was. Without it the form sends it whole.
const form = document.getElementById("upload");
const bar = form.querySelector(".bar");
const status = bar.querySelector("span");
const token = form.elements.form.value;
const pause = (ms) => new Promise((done) => setTimeout(done, ms));

function shown(sent, size) {
  bar.hidden = false;
  bar.querySelector("progress").value = sent / size;
  status.textContent = `${Math.floor((100 * sent) / size)} % ${form.dataset.sent}`;
}

async function told(answer) {
  if (answer.ok) return answer.json();
  const said = await answer.json().catch(() => ({}));
  const error = new Error((said.problem || [answer.statusText]).join(" "));
  error.final = answer.status < 500;
  throw error;
}

async function begun(file) {
  const body = new URLSearchParams({ form: token, name: file.name, size: file.size });
  return told(await fetch(form.dataset.to, { method: "POST", body }));
}

async function sent(file) {
  let { id, taken, piece } = await begun(file);
  let failures = 0;
  while (taken < file.size) {
    shown(taken, file.size);
    try {
      const body = file.slice(taken, taken + piece);
      const to = `${form.dataset.to}/${id}?at=${taken}`;
      ({ taken } = await told(await fetch(to, { method: "PUT", body, headers: { "x-form": token } })));
      failures = 0;
    } catch (error) {
      if (error.final || (failures += 1) > 8) throw error;
      status.textContent = form.dataset.again;
      await pause(Math.min(500 * 2 ** failures, 15000));
      ({ taken } = await begun(file).catch(() => ({ taken })));
    }
  }
  shown(taken, file.size);
  return id;
}

async function send(file) {
  const button = form.querySelector("button");
  button.disabled = true;
  try {
    location.assign(`${form.dataset.then}/${await sent(file)}`);
  } catch (error) {
    bar.hidden = false;
    status.textContent = error.final ? error.message : form.dataset.broken;
    button.disabled = false;
  }
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  send(form.elements.file.files[0]);
});
for (const name of ["dragover", "drop"]) {
  form.addEventListener(name, (event) => {
    event.preventDefault();
    form.classList.toggle("over", name === "dragover");
    if (name === "drop" && event.dataTransfer.files.length === 1) send(event.dataTransfer.files[0]);
  });
}
form.addEventListener("dragleave", () => form.classList.remove("over"));
