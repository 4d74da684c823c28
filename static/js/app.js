// Comfort for those whose browser runs scripts; no page needs it. The texts come with the page, in its language.
import * as components from "./govuk-frontend.js";

const { createAll, ...parts } = components;
document.body.classList.add("js-enabled", "govuk-frontend-supported");
const bringToLife = (scope) => {
  for (const part of Object.values(parts)) createAll(part, undefined, scope);
};
bringToLife(document);

// Looks again while something of ours is still being done, and shows what became of it. The page has a link for it too.
const awaited = document.querySelector("[data-awaits]");
const LOOKS = 60;
const BETWEEN = 1500;

const lookAgain = async (left) => {
  const answer = await fetch(location.href).catch(() => null);
  const page = answer?.ok && new DOMParser().parseFromString(await answer.text(), "text/html");
  const now = page && page.querySelector("[data-awaits]");
  if (!now || now.dataset.awaits) return left && setTimeout(lookAgain, BETWEEN, left - 1);
  awaited.replaceChildren(...now.childNodes);
  bringToLife(awaited);
  document.querySelector("[data-awaits-said]").textContent = now.dataset.said;
};
if (awaited?.dataset.awaits) setTimeout(lookAgain, BETWEEN, LOOKS);

// Keeps what is typed while it is typed, and says so. No page needs it: every button of the form keeps it too.
// One save at a time, each with the number of the version that it was made from, so that a newer one is never replaced.
const form = document.querySelector("form[data-autosave]");
const state = document.querySelector("[data-save-state]");
const again = document.querySelector("[data-save-again]");
const PAUSE = 2000;

if (form && state && again) {
  let changed = false;
  let saving = null;
  let timer = 0;

  const say = (what) => {
    const time = new Date().toLocaleTimeString(document.documentElement.lang, { hour: "numeric", minute: "2-digit" });
    state.textContent = state.dataset[what].replace("{time}", time);
    state.setAttribute("role", what === "failed" ? "alert" : "status");
    again.hidden = what !== "failed";
  };

  const send = async () => {
    const body = new URLSearchParams();
    for (const [name, value] of new FormData(form)) {
      if (typeof value === "string") body.append(name, value);
    }
    body.set("save_later", "1");
    const headers = { "X-Autosave": "1" };
    const answer = await fetch(location.href, { method: "POST", body, headers, redirect: "error" });
    if (answer.status === 409) return "elsewhere";
    if (!answer.ok) throw new Error(String(answer.status));
    form.elements.seq.value = (await answer.json()).seq;
    return "saved";
  };

  const save = () => {
    clearTimeout(timer);
    if (saving || !changed) return saving;
    changed = false;
    say("saving");
    saving = send()
      .then(say)
      .catch(() => {
        changed = true;
        say("failed");
      })
      .finally(() => {
        saving = null;
      });
    return saving;
  };

  form.addEventListener("input", () => {
    changed = true;
    clearTimeout(timer);
    timer = setTimeout(save, PAUSE);
  });
  again.addEventListener("click", save);
  document.addEventListener("visibilitychange", () => document.hidden && save());
  form.addEventListener("submit", (event) => {
    clearTimeout(timer);
    changed = false;
    if (!saving) return;
    event.preventDefault(); // the number of the version is on its way
    const button = event.submitter;
    saving.finally(() => {
      changed = false;
      form.requestSubmit(button);
    });
  });
}
