/** What form controls have in common: a name, a value, and being found by forms and labels. */

/** For `behaviors: ['wx://form-field']` of a mini program's own components. */
export function formField() {
  return { properties: { name: { type: String, value: '' }, value: { type: null, value: null } } };
}

/**
 * Value of a control, or undefined if it is none.
 *
 * @param {any} component of the framework
 */
export function valueOf(component) {
  if (typeof component.formValue === 'function') return component.formValue();
  return component.data.value;
}

/** @param {HTMLElement} host @returns {any[]} components with a name, in the order of the page */
export function namedFields(host) {
  return [...host.querySelectorAll('*')]
    .map((element) => element.__wxElement)
    .filter((component) => component?.data && typeof component.data.name === 'string' && component.data.name !== '');
}
