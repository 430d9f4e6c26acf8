/** What the phone says about its network. */

import { device, onDevice } from '../device.js';
import { guarded } from '../errors.js';
import { Signal } from '../signal.js';
import { callable } from './call.js';

const changes = new Signal();
const weakChanges = new Signal();

export function network() {
  onDevice('network', () => guarded(() => {
    changes.tell({ isConnected: device.network !== 'offline', networkType: networkType() });
    weakChanges.tell({ weakNet: device.network === 'slow', networkType: networkType() });
  }));
  return {
    getNetworkType: callable('getNetworkType', () => ({
      networkType: networkType(), weakNet: device.network === 'slow', hasSystemProxy: false,
    })),
    onNetworkStatusChange: (listener) => changes.on(listener),
    offNetworkStatusChange: (listener) => changes.off(listener),
    onNetworkWeakChange: (listener) => weakChanges.on(listener),
    offNetworkWeakChange: (listener) => weakChanges.off(listener),
  };
}

function networkType() {
  return device.network === 'offline' ? 'none' : 'wifi';
}
