// Verifies a receipt (C2SP tlog-proof) in the browser: key, checkpoint signature (Ed25519) and Merkle path; or, without
// an entry, a checkpoint alone. Nothing is sent.
const MOST = 65536; // bytes of a receipt or an entry
const form = document.querySelector("form.receipt");
const results = document.getElementById("results");
const utf8 = new TextEncoder();

const bytes = (text) => {
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(text)) throw new Error("not base64");
  return Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
};
const sha256 = async (...parts) => new Uint8Array(await crypto.subtle.digest("SHA-256", new Uint8Array(await new Blob(parts).arrayBuffer())));
const same = (one, other) => one.length === other.length && one.every((byte, i) => byte === other[i]);
const number = (text) => {
  if (!/^(0|[1-9]\d{0,15})$/.test(text)) throw new Error("not a number");
  return Number(text);
};

async function readKey(line) {
  const [, name, id, coded] = /^([!-*,-~]{1,255})\+([0-9a-f]{8})\+([A-Za-z0-9+/=]+)$/.exec(line.trim()) ?? [];
  const data = bytes(coded ?? "");
  if (data.length !== 33 || data[0] !== 1) throw new Error("not an Ed25519 log key");
  const hash = (await sha256(utf8.encode(`${name}\n`), data)).slice(0, 4);
  if ([...hash].map((byte) => byte.toString(16).padStart(2, "0")).join("") !== id) throw new Error("id does not fit");
  return { name, hash, raw: data.slice(1) };
}

function readReceipt(text) {
  const cut = text.indexOf("\n\n");
  const top = text.slice(0, cut).split("\n");
  if (cut < 0 || top.shift() !== "c2sp.org/tlog-proof@v1") throw new Error("not a receipt");
  if (top[0]?.startsWith("extra ")) top.shift();
  const [word, index] = (top.shift() ?? "").split(" ");
  if (word !== "index") throw new Error("no index");
  const proof = top.map(bytes);
  if (proof.some((hash) => hash.length !== 32)) throw new Error("not a hash");
  return { index: number(index), proof, ...readNote(text.slice(cut + 2)) };
}

function readNote(note) {
  const end = note.lastIndexOf("\n\n");
  const [origin, size, root] = note.slice(0, end).split("\n");
  if (end < 0 || !note.endsWith("\n")) throw new Error("no signatures");
  const lines = note.slice(end + 2, -1).split("\n");
  if (bytes(root ?? "").length !== 32) throw new Error("not a hash");
  return { signed: note.slice(0, end + 1), origin, size: number(size), root: bytes(root), lines };
}

async function signedBy(receipt, key) {
  const verifier = await crypto.subtle.importKey("raw", key.raw, { name: "Ed25519" }, false, ["verify"]);
  for (const line of receipt.lines) {
    const [dash, name, coded] = line.split(" ");
    const value = bytes(coded ?? "");
    if (dash !== "—" || name !== key.name || !same(value.slice(0, 4), key.hash)) continue;
    return receipt.origin === key.name && crypto.subtle.verify({ name: "Ed25519" }, verifier, value.slice(4), utf8.encode(receipt.signed));
  }
  return false;
}

async function includes(entry, { index, size, proof, root }) {
  let [at, last, node] = [BigInt(index), BigInt(size) - 1n, await sha256(Uint8Array.of(0), entry)];
  if (at > last) return false;
  for (const sibling of proof) {
    if (last === 0n) return false;
    if (at % 2n || at === last) {
      node = await sha256(Uint8Array.of(1), sibling, node);
      while (at && !(at % 2n)) [at, last] = [at >> 1n, last >> 1n];
    } else node = await sha256(Uint8Array.of(1), node, sibling);
    [at, last] = [at >> 1n, last >> 1n];
  }
  return last === 0n && same(node, root);
}

async function verify({ receipt, entry, key }) {
  if (receipt.length > MOST || entry.length > MOST || key.length > 1024) return { steps: [["size", false]] };
  const alone = !entry.trim() && !receipt.trimStart().startsWith("c2sp.org/");
  const [whole, steps] = [alone ? "checkpoint" : "receipt", []];
  const step = async (name, look) => {
    const found = await Promise.resolve().then(look).catch(() => false);
    steps.push([name, Boolean(found)]);
    return found;
  };
  const known = await step("key", () => readKey(key));
  const read = known && (await step(whole, () => (alone ? readNote : readReceipt)(`${receipt.replace(/\r\n/g, "\n").replace(/^\n+|\n+$/g, "")}\n`)));
  const good = read && (await step("signature", () => signedBy(read, known)));
  if (good && !alone) await step("entry", () => includes(utf8.encode(entry.trim()), read));
  return { steps, alone, size: read && read.size };
}

function show({ steps, alone, size }) {
  const holds = steps.length === (alone ? 3 : 4) && steps.every(([, good]) => good);
  const verdict = alone && holds ? "checkpoint" : holds;
  for (const item of results.querySelectorAll("[data-step]")) {
    const found = steps.find(([name]) => name === item.dataset.step);
    item.hidden = !found;
    item.classList.toggle("wrong", Boolean(found) && !found[1]);
    for (const text of item.querySelectorAll("[data-good]")) text.hidden = !found || text.dataset.good !== String(found[1]);
  }
  for (const text of results.querySelectorAll("[data-size]")) text.textContent = String(size);
  for (const text of results.querySelectorAll("[data-verdict]")) text.hidden = text.dataset.verdict !== String(verdict);
  results.hidden = false;
  results.dataset.ready = String(verdict);
  results.focus();
}

async function supported() {
  try {
    await crypto.subtle.importKey("raw", new Uint8Array(32).fill(1), { name: "Ed25519" }, false, ["verify"]);
    return true;
  } catch {
    return false;
  }
}

if (await supported()) {
  document.getElementById("with-script").hidden = false;
  document.getElementById("without-script").hidden = true;
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    show(await verify(Object.fromEntries(new FormData(form))));
  });
}
for (const file of form.querySelectorAll("input[type=file]")) {
  file.closest("p").hidden = false;
  file.addEventListener("change", async () => {
    const [chosen] = file.files;
    const field = form.elements[file.dataset.into];
    if (chosen) field.value = chosen.size > MOST ? " ".repeat(MOST + 1) : await chosen.text();
  });
}
form.dataset.ready = "true";
