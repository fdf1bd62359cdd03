// Signs in with a passkey, or makes one: asks the server for the question, the
// browser for the answer, and sends that in the form. Without this script the
// form is not shown: a password and a code do the same.

const bytes = (text) => Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (c) => c.charCodeAt(0));
const text = (buffer) => buffer && btoa(String.fromCharCode(...new Uint8Array(buffer)))
  .replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
const keys = (list) => list?.map((k) => ({ ...k, id: bytes(k.id) }));

const question = ({ publicKey: q }) => ({
  ...q,
  challenge: bytes(q.challenge),
  user: q.user && { ...q.user, id: bytes(q.user.id) },
  allowCredentials: keys(q.allowCredentials),
  excludeCredentials: keys(q.excludeCredentials),
});

const answer = (key) => JSON.stringify({
  id: key.id, rawId: text(key.rawId), type: key.type,
  authenticatorAttachment: key.authenticatorAttachment ?? undefined,
  clientExtensionResults: key.getClientExtensionResults(),
  response: {
    clientDataJSON: text(key.response.clientDataJSON),
    attestationObject: text(key.response.attestationObject),
    transports: key.response.getTransports?.(),
    authenticatorData: text(key.response.authenticatorData),
    signature: text(key.response.signature),
    userHandle: text(key.response.userHandle),
  },
});

for (const form of document.querySelectorAll("form[data-passkey]")) {
  if (!window.PublicKeyCredential) continue;
  form.hidden = false;
  const state = form.querySelector("[data-passkey-state]");
  const create = "create" in form.dataset;
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    state.textContent = "";
    try {
      const reply = await fetch(form.dataset.passkey, {
        method: "POST", headers: { "X-Requested-With": "sijil" },
        body: new URLSearchParams({ csrf: form.elements.csrf.value }),
      });
      const said = await reply.json();
      if (said.to) {
        location.assign(said.to);
        return;
      }
      if (!reply.ok) throw new Error(said.error);
      const publicKey = question(said.options);
      const key = await (create ? navigator.credentials.create({ publicKey }) : navigator.credentials.get({ publicKey }));
      form.elements.ceremony.value = said.ceremony;
      form.elements.answer.value = answer(key);
      form.submit();
    } catch {
      state.textContent = form.dataset.failed;
    }
  });
}
