"""What is asked of a page inside the browser: short scripts, each with one question."""

AXE = """async () => {
  const found = await axe.run(document, {resultTypes: ['violations']});
  return found.violations.flatMap(rule => rule.nodes.map(node => `${rule.id}: ${node.html.slice(0, 160)}`));
}"""
"""Every violation of a rule that axe-core switches on by itself, best practices among them, by node."""

FOLDS = "open => document.querySelectorAll('details').forEach(fold => { fold.open = open; })"

WIDTHS = "() => [document.documentElement.scrollWidth, document.documentElement.clientWidth]"

PAIRS = """() => {
  const canvas = document.createElement('canvas').getContext('2d', {willReadFrequently: true});
  const rgba = colour => {
    canvas.clearRect(0, 0, 1, 1); canvas.fillStyle = colour; canvas.fillRect(0, 0, 1, 1);
    return [...canvas.getImageData(0, 0, 1, 1).data];
  };
  const ground = element => {
    for (let e = element; e; e = e.parentElement) {
      const [r, g, b, a] = rgba(getComputedStyle(e).backgroundColor);
      if (a === 255) return [r, g, b];
      if (a > 0) return null;
    }
    return [255, 255, 255];
  };
  const pairs = {};
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const element = walker.currentNode.parentElement;
    if (!walker.currentNode.textContent.trim() || !element.checkVisibility()) continue;
    const style = getComputedStyle(element);
    const pair = [rgba(style.color), ground(element), parseFloat(style.opacity)];
    pairs[JSON.stringify(pair)] = walker.currentNode.textContent.trim().slice(0, 40);
  }
  return Object.entries(pairs).map(([pair, words]) => [...JSON.parse(pair), words]);
}"""
"""Each pair of an ink and the ground it stands on, with its opacity and some words set in it."""

IMAGES = "() => [...document.images].map(i => [i.naturalWidth, i.getAttribute('alt')])"

SHOWN_OUTPUTS = """() => [...document.querySelectorAll('[data-output]')]
  .filter(e => e.getBoundingClientRect().height > 0)
  .filter(e => e.innerText.trim() || e.querySelector('img')).length"""

REACHABLE = """() => {
  const wanted = [...document.querySelectorAll('a[href], summary, [tabindex="0"]')];
  wanted.filter(e => e.checkVisibility({visibilityProperty: true}))
    .forEach((e, place) => { e.dataset.place = place; });
  return document.querySelectorAll('[data-place]').length;
}"""
"""Number in the order of the page everything that a keyboard should reach."""

FOCUSED = """() => {
  const e = document.activeElement, style = getComputedStyle(e), box = e.getBoundingClientRect();
  return {
    place: e.dataset.place === undefined ? null : Number(e.dataset.place),
    href: e.getAttribute('href'),
    outline: style.outlineStyle === 'none' ? 0 : parseFloat(style.outlineWidth),
    inside: box.width > 0 && box.right > 0 && box.left < innerWidth
      && box.bottom > 0 && box.top < innerHeight,
    what: e.outerHTML.slice(0, 120),
  };
}"""

UNREACHED_SCROLLERS = """() => [...document.querySelectorAll('body *')]
  .filter(e => ['auto', 'scroll'].includes(getComputedStyle(e).overflowX) && e.scrollWidth > e.clientWidth)
  .filter(e => e.tabIndex < 0).map(e => e.outerHTML.slice(0, 120))"""

CUT_OFF = """() => [...document.querySelectorAll('body *')]
  .filter(e => getComputedStyle(e).overflowX !== 'visible' && e.scrollWidth > e.clientWidth + 1)
  .filter(e => e.checkVisibility()).map(e => e.outerHTML.slice(0, 120))"""
"""Elements that hide a part of what they hold: nobody can scroll paper."""

BEYOND = """width => [...document.querySelectorAll('body *')]
  .filter(e => e.checkVisibility() && e.getBoundingClientRect().right > width + 1)
  .map(e => e.outerHTML.slice(0, 120))"""

HIDDEN_IN_FOLDS = """() => [...document.querySelectorAll('details:not(.code)')]
  .filter(fold => [...fold.children].some(e => e.tagName !== 'SUMMARY' && !e.checkVisibility(
    {contentVisibilityAuto: true, visibilityProperty: true})))
  .map(fold => fold.innerText.slice(0, 80))"""

NEXT_FRAMES = "() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() => done(0))))"

MOTION = "() => document.getAnimations().length"
