/** One component without its view: properties, observers, lifetimes, events. */
import { instance } from './phone.js';

/**
 * @param {import('./phone.js').Phone} phone
 * @param {string} name  folder in `components/`
 * @param {Record<string, any>} properties
 */
export function component(phone, name, properties) {
  const options = phone.definition(`components/${name}/index.js`);
  const made = instance({ ...options.methods, data: options.data }, phone.clock);
  made.events = [];
  made.triggerEvent = (...given) => void made.events.push(given);
  for (const [key, { value }] of Object.entries(options.properties)) {
    made.data[key] = value;
  }
  made.set = (changes) => {
    Object.assign(made.data, changes);
    for (const key of Object.keys(changes)) {
      options.observers?.[key]?.call(made, made.data[key]);
    }
  };
  made.attach = () => options.lifetimes?.attached?.call(made);
  made.detach = () => options.lifetimes?.detached?.call(made);
  made.set(properties);
  made.attach();
  return made;
}
