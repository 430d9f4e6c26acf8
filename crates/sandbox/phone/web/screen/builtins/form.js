/** `<form>`: collects the controls inside it that have a name. */

import { define } from './define.js';
import { namedFields, valueOf } from './field.js';

export function formTag() {
  return define('form', {
    properties: { reportSubmit: Boolean, reportSubmitTimeout: Number },
    methods: {
      submit(button) {
        const fields = namedFields(this.getBackendElement());
        const value = Object.fromEntries(fields
          .map((field) => [field.data.name, valueOf(field)])
          .filter(([, fieldValue]) => fieldValue !== undefined));
        const target = { id: button.id, dataset: { ...button.dataset } };
        this.triggerEvent('submit', { value, target });
      },
      reset() {
        for (const field of namedFields(this.getBackendElement())) field.resetValue?.();
        this.triggerEvent('reset', {});
      },
    },
  });
}
