// Covers a page of the workbench that was left alone as long as its session lasts: nobody else reads what stands there.
// What was typed stays in the page until its officer comes back, and then goes with them through the lock screen.
const bench = document.querySelector(".bench[data-idle]");
const cover = document.querySelector("[data-cover]");
const AGAIN = 60_000;

// The server knows whether the session is locked; the officer may be working in another window.
const isLocked = async () => {
  const options = { headers: { "X-Passage-Background": "1" }, redirect: "manual" };
  const answer = await fetch(bench.dataset.lock, options).catch(() => null);
  return answer?.ok;
};

const look = async () => {
  if (!(await isLocked())) return setTimeout(look, AGAIN);
  bench.style.display = "none";
  cover.hidden = false;
  cover.querySelector("button").focus();
};

const goOn = () => {
  const form = document.querySelector("form#main-form[method=post]");
  if (!form) return location.reload();
  const only = document.createElement("input");
  Object.assign(only, { type: "hidden", name: "only_keep", value: "1" });
  form.append(only);
  form.submit();
};

if (bench && cover) {
  setTimeout(look, bench.dataset.idle * 1000);
  cover.querySelector("button").addEventListener("click", goOn);
}
