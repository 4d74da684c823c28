// Passkeys. A button with data-passkey="get" or "create" stays hidden where the browser has none; pressed, it fetches
// what to ask from data-options, asks the browser, and sends its form with the answer. Every page works without it.

function bytes(text) {
  const plain = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(plain, (letter) => letter.charCodeAt(0));
}

function text(buffer) {
  const plain = String.fromCharCode(...new Uint8Array(buffer));
  return btoa(plain).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

function decoded(options) {
  const named = (list) => (list || []).map((one) => ({ ...one, id: bytes(one.id) }));
  const result = { ...options, challenge: bytes(options.challenge) };
  if (options.user) result.user = { ...options.user, id: bytes(options.user.id) };
  if (options.allowCredentials) result.allowCredentials = named(options.allowCredentials);
  if (options.excludeCredentials) result.excludeCredentials = named(options.excludeCredentials);
  return result;
}

function encoded(credential) {
  const { response } = credential;
  const answer = { clientDataJSON: text(response.clientDataJSON) };
  for (const name of ["attestationObject", "authenticatorData", "signature", "userHandle"]) {
    if (response[name]) answer[name] = text(response[name]);
  }
  if (response.getTransports) answer.transports = response.getTransports();
  return JSON.stringify({
    id: credential.id,
    rawId: text(credential.rawId),
    type: credential.type,
    authenticatorAttachment: credential.authenticatorAttachment ?? undefined,
    clientExtensionResults: {},
    response: answer,
  });
}

async function ask(button, form) {
  const body = new URLSearchParams({ csrf_token: form.elements.csrf_token.value });
  const reply = await fetch(button.dataset.options, { method: "POST", body, credentials: "same-origin" });
  if (!reply.ok) throw new Error(`${reply.status}`);
  const publicKey = decoded(await reply.json());
  const credential = await navigator.credentials[button.dataset.passkey]({ publicKey });
  form.elements.answer.value = encoded(credential);
}

function say(form, words) {
  const status = form.querySelector("[data-passkey-status]");
  if (status) status.textContent = words;
}

async function pressed(button) {
  const form = button.form;
  if (!form.reportValidity()) return;
  button.disabled = true;
  say(form, "");
  try {
    await ask(button, form);
    form.submit();
  } catch {
    button.disabled = false;
    say(form, button.dataset.failed);
    button.focus();
  }
}

if (window.PublicKeyCredential && navigator.credentials && window.isSecureContext) {
  for (const button of document.querySelectorAll("button[data-passkey]")) {
    button.hidden = false;
    button.addEventListener("click", () => pressed(button));
  }
  for (const part of document.querySelectorAll("[data-passkey-shows]")) part.hidden = false;
  for (const part of document.querySelectorAll("[data-passkey-hides]")) part.hidden = true;
}
