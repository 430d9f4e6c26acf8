/** Fingers, and the mouse that stands for one: touch events, tap, long press. */

import { nodeAt } from './backend.js';
import { send } from './events.js';
import { endHover, startHover } from './hover.js';

/** Further than this it is no tap any more. */
const TAP_PX = 10;
/** Source: developers.weixin.qq.com/miniprogram/dev/framework/view/wxml/event.html */
const LONG_PRESS_MS = 350;
/** After a finger, browsers raise mouse events for pages that know no fingers. */
const MOUSE_AFTER_TOUCH_MS = 1000;
const MOUSE_ID = 0;
const ANIMATIONS = ['transitionend', 'animationstart', 'animationiteration', 'animationend'];

/** What is pressed now; one at a time can become a tap. */
let press = null;
let lastTouch = -MOUSE_AFTER_TOUCH_MS;

/** @param {HTMLElement} root */
export function watchGestures(root) {
  watchTouches(root);
  watchMouse(root);
  watchKeys(root);
  for (const type of ANIMATIONS) {
    root.addEventListener(type, (event) => {
      const node = nodeAt(event.target);
      if (node) send(node, type, { elapsedTime: event.elapsedTime }, {}, event);
    }, true);
  }
}

/** A sheet or a dialog that opens takes the gesture away. */
export function cancelPress() {
  if (!press) return;
  clearTimeout(press.timer);
  endHover();
  press = null;
}

function watchTouches(root) {
  root.addEventListener('touchstart', (event) => {
    lastTouch = event.timeStamp;
    raise(event, 'touchstart', event.touches, event.changedTouches);
    if (event.touches.length === 1) begin(event.target, event.touches[0]);
    else cancelPress();
  }, { capture: true, passive: true });
  root.addEventListener('touchmove', (event) => {
    const caught = raise(event, 'touchmove', event.touches, event.changedTouches);
    if (caught && event.cancelable) event.preventDefault();
    move(event.touches[0]);
  }, { capture: true, passive: false });
  root.addEventListener('touchend', (event) => {
    lastTouch = event.timeStamp;
    raise(event, 'touchend', event.touches, event.changedTouches);
    finish(event);
  }, { capture: true, passive: true });
  root.addEventListener('touchcancel', (event) => {
    raise(event, 'touchcancel', event.touches, event.changedTouches);
    cancelPress();
  }, { capture: true, passive: true });
}

function watchMouse(root) {
  const real = (event) => event.button === 0 && event.timeStamp - lastTouch > MOUSE_AFTER_TOUCH_MS;
  let target = null;
  root.addEventListener('mousedown', (event) => {
    if (!real(event)) return;
    target = event.target;
    raise(event, 'touchstart', [asTouch(event)], [asTouch(event)]);
    begin(event.target, event);
  }, true);
  // Anywhere, since a mouse that is held may leave the page it began on.
  window.addEventListener('mousemove', (event) => {
    if (!target) return;
    raise(event, 'touchmove', [asTouch(event)], [asTouch(event)], target);
    move(event);
  }, true);
  window.addEventListener('mouseup', (event) => {
    if (!target || event.button !== 0) return;
    raise(event, 'touchend', [], [asTouch(event)], target);
    target = null;
    finish(event);
  }, true);
}

/** Enter and space on a button raise a click without a pointer; other roles get it from us. */
function watchKeys(root) {
  root.addEventListener('click', (event) => {
    if (event.detail === 0) tap(event.target, center(event.target), event);
  }, true);
  root.addEventListener('keydown', (event) => {
    const pressed = event.key === 'Enter' || event.key === ' ';
    const own = event.target.matches?.('[role][tabindex]') && !event.target.matches('input, textarea, button');
    if (!pressed || !own) return;
    event.preventDefault();
    tap(event.target, center(event.target), event);
  }, true);
}

function begin(target, point) {
  cancelPress();
  const { clientX, clientY } = point;
  press = { target, clientX, clientY, long: false, scroller: target.closest?.('.phone-scroll, scroll-view') };
  press.scrollTop = press.scroller?.scrollTop;
  press.timer = setTimeout(longPress, LONG_PRESS_MS, press);
  startHover(target);
}

function move(point) {
  if (!press || !point) return;
  const far = Math.hypot(point.clientX - press.clientX, point.clientY - press.clientY) > TAP_PX;
  if (far) cancelPress();
}

function finish(event) {
  if (!press) return;
  const { target, clientX, clientY, long, scroller, scrollTop, timer } = press;
  clearTimeout(timer);
  press = null;
  endHover();
  const scrolled = scroller && Math.abs(scroller.scrollTop - scrollTop) > TAP_PX;
  if (!long && !scrolled) tap(target, { clientX, clientY }, event);
}

function longPress(started) {
  if (press !== started) return;
  const touches = [touchOf({ identifier: MOUSE_ID, ...started }, started.target)];
  const node = nodeAt(started.target);
  if (!node) return;
  const { x, y } = pointOf(started, started.target);
  const extra = { touches, changedTouches: touches };
  // Whoever listens to a long press gets no tap after it.
  started.long = listens(node, 'longpress') || listens(node, 'longtap');
  send(node, 'longpress', { x, y }, extra);
  send(node, 'longtap', { x, y }, extra);
}

function listens(node, type) {
  for (let at = node; at; at = at.parentNode ?? at.getHostNode?.()) {
    const target = at._$eventTarget;
    if (target?.listeners[type] || target?.captureListeners?.[type]) return true;
  }
  return false;
}

function tap(target, point, event) {
  const node = nodeAt(target);
  if (!node || target.closest?.('button:disabled')) return;
  const touches = [touchOf({ identifier: MOUSE_ID, ...point }, target)];
  send(node, 'tap', pointOf(point, target), { touches, changedTouches: touches }, event);
}

function raise(event, type, touches, changed, target = event.target) {
  const node = nodeAt(target);
  if (!node) return false;
  const list = (all) => Array.from(all, (touch) => touchOf(touch, target));
  return send(node, type, {}, { touches: list(touches), changedTouches: list(changed) }, event);
}

function asTouch({ clientX, clientY }) {
  return { identifier: MOUSE_ID, clientX, clientY };
}

/** `client…` begin below the navigation bar, `page…` at the top of the scrolled page. */
function touchOf({ identifier, clientX, clientY, force = 1 }, target) {
  const { left, top, scrolled } = viewOf(target);
  const [x, y] = [clientX - left, clientY - top];
  return { identifier, clientX: x, clientY: y, pageX: x, pageY: y + scrolled, force };
}

function pointOf({ clientX, clientY }, target) {
  const { left, top, scrolled } = viewOf(target);
  return { x: clientX - left, y: clientY - top + scrolled };
}

function viewOf(target) {
  const view = target.closest?.('.phone-window');
  const { left = 0, top = 0 } = view?.getBoundingClientRect() ?? {};
  return { left, top, scrolled: view?.querySelector('.phone-scroll')?.scrollTop ?? 0 };
}

function center(target) {
  const { left, top, width, height } = target.getBoundingClientRect();
  return { clientX: left + width / 2, clientY: top + height / 2 };
}
