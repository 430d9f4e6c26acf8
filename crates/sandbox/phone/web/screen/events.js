/** Events as a mini program sees them: plain data, never live elements. */

import * as glassEasel from 'glass-easel';

const { Component, Element, Event, dataUtils } = glassEasel;
/** First part of a path into WXS; its functions take the event as it is. */
const INTO_DATA = 0;

/**
 * Sends an event from a node up, through capture and bubble.
 *
 * @returns {boolean} whether somebody caught it
 */
export function send(node, type, detail, extraFields = {}, originalEvent = undefined) {
  const event = new Event(type, detail, {
    bubbles: true, composed: true, capturePhase: true, extraFields, originalEvent,
  });
  Event.dispatchEvent(node, event);
  return event.defaultPrevented();
}

/** How the framework calls a handler of the mini program. */
export function callHandler(caller, event, handler, path) {
  const intoScript = Array.isArray(path) && path[0] !== INTO_DATA;
  const result = handler.call(caller, intoScript ? event : plain(event));
  // Only some built-ins ask for the answer; elsewhere `false` must not stop the event.
  return event.listenerReturnHandler() ? result : undefined;
}

function plain(event) {
  const { type, timeStamp, detail, touches, changedTouches } = event;
  return {
    type,
    timeStamp,
    target: shown(event.target),
    currentTarget: shown(event.currentTarget),
    mark: dataUtils.simpleDeepCopy(event.mark ?? {}),
    detail,
    ...(touches && { touches, changedTouches }),
    mut: false,
  };
}

function shown(target) {
  const node = target?._$ ?? target;
  const element = Component.isComponent(node) || node instanceof Element ? node.getBackendElement() : null;
  return {
    id: node?.id ?? '',
    offsetLeft: element?.offsetLeft ?? 0,
    offsetTop: element?.offsetTop ?? 0,
    dataset: dataUtils.simpleDeepCopy(node?.dataset ?? {}),
  };
}

/** Whoever gets hold of a live one and writes it to the console must not hang the page. */
export function makePrintable() {
  Element.prototype.toJSON = function toJSON() {
    return shown(this);
  };
  Event.prototype.toJSON = function toJSON() {
    return { type: this.type, timeStamp: this.timeStamp, detail: this.detail };
  };
}
