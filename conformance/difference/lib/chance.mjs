// Numbers that look random and are the same in every run: a seed and a name give one stream.

export class Chance {
  #state;

  /** `name` separates streams: a new cell does not change the cases of the others. */
  constructor(seed, name = '') {
    this.#state = hash(`${seed}/${name}`);
  }

  /** At least 0, less than 1 (mulberry32). */
  next() {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }

  below(limit) {
    return Math.floor(this.next() * limit);
  }

  pick(list) {
    return list[this.below(list.length)];
  }

  /** True once in a while: `share` of the time. */
  once(share) {
    return this.next() < share;
  }

  /** Some elements, in their order. */
  some(list, share) {
    return list.filter(() => this.once(share));
  }
}

function hash(text) {
  let value = 0x811c9dc5;
  for (const byte of Buffer.from(text)) value = Math.imul(value ^ byte, 0x01000193);
  return value | 0;
}
