// Passkeys: the page holds what the authenticator is asked; its answer goes into the form. Nothing is fetched.
"use strict";
(() => {
  const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (c) => c.charCodeAt(0));
  const text = (buffer) =>
    btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
  const named = (list) => (list || []).map((one) => ({ ...one, id: bytes(one.id) }));

  async function made(asked) {
    const publicKey = {
      ...asked,
      challenge: bytes(asked.challenge),
      user: { ...asked.user, id: bytes(asked.user.id) },
      excludeCredentials: named(asked.excludeCredentials),
    };
    const found = await navigator.credentials.create({ publicKey });
    const { attestationObject, clientDataJSON } = found.response;
    return { found, response: { attestationObject: text(attestationObject), clientDataJSON: text(clientDataJSON) } };
  }

  async function signed(asked) {
    const { first } = asked.extensions.prf.eval;
    const publicKey = {
      ...asked,
      challenge: bytes(asked.challenge),
      allowCredentials: named(asked.allowCredentials),
      extensions: { prf: { eval: { first: bytes(first) } } },
    };
    const found = await navigator.credentials.get({ publicKey });
    const { authenticatorData, clientDataJSON, signature, userHandle } = found.response;
    return {
      found,
      response: {
        authenticatorData: text(authenticatorData),
        clientDataJSON: text(clientDataJSON),
        signature: text(signature),
        userHandle: userHandle ? text(userHandle) : null,
      },
    };
  }

  for (const form of document.querySelectorAll("form[data-passkey]")) {
    if (!window.PublicKeyCredential) continue;
    form.hidden = false;
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      const asked = JSON.parse(form.dataset.asked);
      const says = form.querySelector("[role=status]");
      try {
        const { found, response } = await (form.dataset.passkey === "make" ? made(asked) : signed(asked));
        const answer = { id: found.id, rawId: found.id, type: found.type, response, clientExtensionResults: {} };
        form.elements.answer.value = JSON.stringify(answer);
        const secret = found.getClientExtensionResults().prf?.results?.first;  // not part of the answer, which is logged
        if (secret && form.elements.secret) form.elements.secret.value = text(secret);
        form.submit();
      } catch {
        says.textContent = form.dataset.failed;
      }
    });
  }
  document.documentElement.dataset.ready = "";
})();
