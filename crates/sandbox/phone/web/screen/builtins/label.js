/** `<label>`: a tap on it is a tap on its control. */

import { define, siblingById } from './define.js';

const CONTROLS = 'wx-input, wx-textarea, button, checkbox, radio, switch';

export function labelTag() {
  return define('label', {
    properties: { for: String },
    created(host) {
      this.addListener('tap', (event) => {
        const origin = event.getOriginalEvent()?.target;
        // The control itself was hit: it has its own tap already.
        if (origin?.closest?.(CONTROLS) && host.contains(origin.closest(CONTROLS))) return;
        this.control()?.activate?.();
      });
    },
    methods: {
      control() {
        if (this.data.for) return siblingById(this, this.data.for);
        return this.getBackendElement().querySelector(CONTROLS)?.__wxElement;
      },
    },
  });
}
