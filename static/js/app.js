// Comfort for those whose browser runs scripts; no page needs it. The texts come with the page, in its language.
import * as components from "./govuk-frontend.js";

const { createAll, ...parts } = components;
document.body.classList.add("js-enabled", "govuk-frontend-supported");
for (const part of Object.values(parts)) {
  createAll(part);
}
