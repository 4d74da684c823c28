"""What must hold on any page: looked at in Chromium, by keyboard, on a narrow screen, without scripts."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import Page

from tests.browser.conftest import AXE
from tests.browser.test_journey import RULES

NARROW = {"width": 320, "height": 640}
TOO_WIDE = "document.documentElement.scrollWidth - window.innerWidth"
LOOK = """() => {
  const parts = box => {
    const told = [getComputedStyle(box), ...["::before", "::after"].map(part => getComputedStyle(box, part))]
    for (const label of box.labels || []) {
      told.push(getComputedStyle(label), getComputedStyle(label, "::before"), getComputedStyle(label, "::after"))
    }
    const seen = ["outlineStyle", "outlineWidth", "outlineColor", "boxShadow", "backgroundColor", "borderColor",
      "borderWidth", "clip", "position"]
    return told.map(style => seen.map(name => style[name]).join()).join("|")
  }
  const boxes = "a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex]"
  const shown = box => box.checkVisibility({ visibilityProperty: true }) && box.getClientRects().length
  const all = [...document.querySelectorAll(boxes)].filter(box => !box.disabled && box.tabIndex >= 0 && shown(box))
  const words = box => (box.textContent || box.value || box.id).trim().slice(0, 40)
  const name = box => `${box.getAttribute("name") || ""} ${words(box)}`
  window.swept = { all, name, met: new Set(), dim: new Set(), before: new Map(all.map(box => [box, parts(box)])) }
  addEventListener("focusin", ({ target: box }) => {
    swept.met.add(box)
    if (swept.before.has(box) && swept.before.get(box) === parts(box)) swept.dim.add(name(box))
  })
  document.activeElement?.blur()
  return all.length
}"""
UNMET = """() => {
  const groups = new Set([...swept.met].filter(box => box.type === "radio").map(box => box.name))
  const unmet = swept.all.filter(box => !swept.met.has(box) && !(box.type === "radio" && groups.has(box.name)))
  return { "not reached by keyboard": unmet.map(swept.name), "focus not seen": [...swept.dim] }
}"""
DEAD_ENDS = """() => [...document.querySelectorAll("form[method=post]")].filter(form => {
  const shown = box => box.checkVisibility({ visibilityProperty: true })
  const boxes = [...form.elements].filter(box => box.type !== "hidden" && box.localName !== "button" && shown(box))
  const ways = [...form.elements].filter(box => box.type === "submit" && shown(box))
  return boxes.length && !ways.length
}).map(form => form.action)"""
"""Forms in which something can be typed, and which no button sends."""


def troubles_with_scripts(page: Page) -> list[str]:
    """Violations that axe finds, what is wider than the screen, what the keyboard does not reach or show."""
    page.evaluate(AXE)
    violations = page.evaluate("rules => axe.run(document, rules).then(found => found.violations)", RULES)
    found = [f"{one['id']}: {[node['target'] for node in one['nodes']][:3]}" for one in violations]
    for _press in range(page.evaluate(LOOK) + 2):
        page.keyboard.press("Tab")
    told: dict[str, list[str]] = page.evaluate(UNMET)
    found += [f"{what}: {names}" for what, names in told.items() if names]
    return found + _too_wide(page)


def troubles_without_scripts(page: Page) -> list[str]:
    """What is wider than the screen, and forms that cannot be sent."""
    dead_ends: list[Any] = page.evaluate(DEAD_ENDS)
    return _too_wide(page) + [f"no button: {address}" for address in dead_ends]


def _too_wide(page: Page) -> list[str]:
    overflow = page.evaluate(TOO_WIDE)
    return [f"{overflow} px too wide"] if overflow > 0 else []
