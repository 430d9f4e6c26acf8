/** Time that moves only when a test says so. */

/** Where the tests begin; an arbitrary moment in Beijing's morning. */
export const START_MS = Date.parse('2026-11-24T10:00:00+08:00');

/** Rounds of real turns that `settle` waits at most; more means that two sides call each other. */
const ROUNDS_MAX = 2000;

export class Clock {
  constructor() {
    this.now = START_MS;
    this.timers = new Map();
    this.next = 1;
    /** Answers on their way: `settle` waits for them. */
    this.pending = 0;
  }

  /** What the mini program gets in place of its globals. */
  globals() {
    const clock = this;
    class PhoneDate extends Date {
      constructor(...given) {
        super(...(given.length > 0 ? given : [clock.now]));
      }

      static now() {
        return clock.now;
      }
    }
    return {
      Date: PhoneDate,
      setTimeout: (run, ms = 0) => this.add(run, ms, 0),
      clearTimeout: (id) => this.timers.delete(id),
      setInterval: (run, ms) => this.add(run, ms, ms),
      clearInterval: (id) => this.timers.delete(id),
    };
  }

  add(run, ms, every) {
    const id = this.next;
    this.next += 1;
    this.timers.set(id, { at: this.now + ms, run, every, id });
    return id;
  }

  /** Calls back in a later turn, as a phone does. */
  later(run) {
    this.pending += 1;
    setImmediate(() => {
      this.pending -= 1;
      run();
    });
  }

  /** Until everything that can happen at this moment has happened. */
  async settle() {
    for (let quiet = 0, round = 0; quiet < 3; round += 1) {
      if (round > ROUNDS_MAX) {
        throw new Error('this does not come to rest');
      }
      await new Promise((resolve) => setImmediate(resolve));
      const due = this.due(this.now);
      quiet = this.pending === 0 && !due ? quiet + 1 : 0;
      if (due) {
        this.fire(due);
      }
    }
  }

  /** Lets `ms` pass, with everything that falls due in between. */
  async run(ms) {
    const end = this.now + ms;
    await this.settle();
    for (let timer = this.due(end); timer; timer = this.due(end)) {
      this.now = Math.max(this.now, timer.at);
      this.fire(timer);
      await this.settle();
    }
    this.now = end;
    await this.settle();
  }

  due(until) {
    const all = [...this.timers.values()].filter((timer) => timer.at <= until);
    return all.sort((one, other) => one.at - other.at || one.id - other.id)[0];
  }

  fire(timer) {
    if (timer.every > 0) {
      timer.at += timer.every;
    } else {
      this.timers.delete(timer.id);
    }
    timer.run();
  }
}
