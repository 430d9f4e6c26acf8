/** `<image>`. */

import { el } from '../dom.js';
import { imageAddress } from '../paths.js';
import { define, ownerOf } from './define.js';

const FITS = { scaleToFill: 'fill', aspectFit: 'contain', aspectFill: 'cover', widthFix: 'fill', heightFix: 'fill' };

export function imageTag() {
  return define('image', {
    properties: {
      src: String, mode: { type: String, value: 'scaleToFill' }, lazyLoad: Boolean, webp: Boolean,
      showMenuByLongpress: Boolean, fadeIn: Boolean,
    },
    observers: {
      src(source) {
        const address = imageAddress(source, ownerOf(this).is);
        this.picture.classList.remove('failed');
        if (address) this.picture.src = address;
        else this.picture.removeAttribute('src');
      },
      mode(mode) {
        const host = this.getBackendElement();
        host.dataset.mode = mode;
        this.picture.style.objectFit = FITS[mode] ?? 'none';
        this.picture.style.objectPosition = FITS[mode] ? '' : mode;
      },
      lazyLoad(lazy) {
        this.picture.loading = lazy ? 'lazy' : 'eager';
      },
    },
    created(host) {
      this.picture = el('img', { alt: '', draggable: 'false' });
      this.picture.style.objectFit = 'fill';
      host.append(this.picture);
      host.setAttribute('role', 'img');
      this.picture.addEventListener('load', () => {
        const { naturalWidth: width, naturalHeight: height } = this.picture;
        this.triggerEvent('load', { width, height });
      });
      this.picture.addEventListener('error', () => {
        // A phone shows nothing; a browser would show its own sign.
        this.picture.classList.add('failed');
        this.triggerEvent('error', { errMsg: `GET ${this.data.src} fail` });
      });
    },
  });
}
