/** Following the end of the story, but never away from somebody who reads. */

/** Nearer than this to the end counts as at the end. */
const END_PX = 48;
/** The heads of the lifelines cover this much of the board. */
const HEADS_PX = 72;
/** On a narrow page the phone stands above the story, and the page scrolls. */
const STACKED = matchMedia('(max-width: 860px)');

/**
 * @param {{ scroller: HTMLElement, list: HTMLElement, fresh: HTMLElement }} place
 */
export function follower({ scroller, list, fresh }) {
  const at = { stuck: true, away: false, idle: true, height: 0 };
  const atEnd = () => (STACKED.matches
    ? innerHeight + scrollY >= document.documentElement.scrollHeight - END_PX
    : scroller.scrollTop + scroller.clientHeight >= scroller.scrollHeight - END_PX);
  const height = () => (STACKED.matches ? scrollY : scroller.scrollTop);
  // Only a way up is somebody's who reads: rows may have come since our own way down.
  const look = () => {
    const up = height() < at.height;
    at.height = height();
    if (at.idle) return;
    if (atEnd()) {
      Object.assign(at, { stuck: true, away: false });
      fresh.hidden = true;
    } else if (up) {
      Object.assign(at, { stuck: false, away: true });
    }
  };
  // To scroll a narrow page by itself would take the phone out of the hand.
  const toEnd = () => {
    fresh.hidden = true;
    if (!STACKED.matches) scroller.scrollTop = scroller.scrollHeight;
  };
  scroller.addEventListener('scroll', look, { passive: true });
  document.addEventListener('scroll', () => STACKED.matches && look(), { passive: true });
  // Sentences wrap anew when the phones take or leave room.
  new ResizeObserver(() => at.stuck && !at.idle && toEnd()).observe(list);
  return {
    /** Whether the person has scrolled up to read. */
    isAway: () => at.away,
    /** While the steps to come are shown, the end of the board is not the end of the story. */
    rest(idle) {
      if (idle) fresh.hidden = true;
      else if (at.idle) at.stuck = true;
      at.idle = idle;
    },
    /** Rows were added: go along, or say that there is something new. */
    grown() {
      if (at.idle) return;
      if (at.stuck) toEnd();
      else fresh.hidden = false;
    },
    missed() {
      fresh.hidden = false;
    },
    /** Looks before rows are added whether the end was in sight. */
    settle() {
      at.stuck ||= !at.idle && atEnd();
    },
    hold() {
      at.stuck = false;
    },
    toTop() {
      Object.assign(at, { stuck: false, away: false });
      fresh.hidden = true;
      scroller.scrollTop = 0;
    },
    /** Asked for by the person, so also on a narrow page. */
    jump() {
      Object.assign(at, { stuck: true, away: false });
      toEnd();
      if (STACKED.matches) list.lastElementChild?.scrollIntoView({ block: 'end' });
    },
    /** Brings what was opened into sight, its row first. */
    reveal(node) {
      node.scrollIntoView({ block: 'nearest' });
      const top = Math.max(0, scroller.getBoundingClientRect().top) + HEADS_PX;
      if (node.getBoundingClientRect().top < top) node.scrollIntoView({ block: 'start' });
    },
  };
}
