/** A page comes from the right and leaves to the right. Nothing waits for it; without motion nothing moves. */

const STILL = matchMedia('(prefers-reduced-motion: reduce)');

export function slideIn(window) {
  if (STILL.matches) return;
  window.classList.add('arriving');
  window.addEventListener('animationend', (event) => {
    if (event.target === window) window.classList.remove('arriving');
  });
}

/** The page is gone already; what slides is its picture, outside of `#pages`. */
export function slideOut(window) {
  if (STILL.matches) return;
  const place = document.getElementById('leaving');
  window.querySelector('page.top')?.classList.remove('top');
  for (const id of window.querySelectorAll('[id]')) id.removeAttribute('id');
  place.replaceChildren(window);
  window.classList.add('leaving');
  window.addEventListener('animationend', (event) => {
    if (event.target === window) window.remove();
  });
}
