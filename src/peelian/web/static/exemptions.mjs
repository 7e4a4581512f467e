// Narrows every list of exemptions on the page to those of a law, or with words in their title. What is chosen stays.
const field = document.getElementById("exemption-words"), told = document.getElementById("exemption-found");
const plain = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();

function narrow() {
  const words = plain(field.value).split(/\s+/).filter(Boolean), found = new Set();
  for (const option of document.querySelectorAll("option[data-words]")) {
    const fits = words.every((word) => plain(option.dataset.words).includes(word));
    if (fits) found.add(option.value);
    option.hidden = option.disabled = !fits && !option.selected;
  }
  for (const group of document.querySelectorAll("optgroup[data-law]")) {
    group.hidden = [...group.children].every((option) => option.hidden);
  }
  told.textContent = words.length ? told.dataset.found.replace("%", String(found.size)) : "";
}

field.closest("[data-narrow]").hidden = false;
field.addEventListener("input", narrow);
field.addEventListener("keydown", (event) => { if (event.key === "Enter") event.preventDefault(); });
