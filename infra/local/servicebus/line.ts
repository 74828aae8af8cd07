/** Sequence numbers that wait for delivery, smallest first. Additions are nearly always the largest. */
export class Line {
  #numbers: number[] = [];
  #head = 0;

  get length(): number {
    return this.#numbers.length - this.#head;
  }

  /** The number at `offset` from the front. */
  at(offset: number): number | undefined {
    return this.#numbers[this.#head + offset];
  }

  add(seq: number): void {
    const last = this.#numbers.at(-1);
    if (last === undefined || this.length === 0 || last < seq) this.#numbers.push(seq);
    else this.#numbers.splice(this.#find(seq), 0, seq);
  }

  /** Returns whether it was there. */
  remove(seq: number): boolean {
    const index = this.#find(seq);
    if (this.#numbers[index] !== seq) return false;
    if (index === this.#head) this.#dropFirst();
    else this.#numbers.splice(index, 1);
    return true;
  }

  /** Index of the first number that is not below `seq`. */
  #find(seq: number): number {
    let low = this.#head;
    let high = this.#numbers.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#numbers[middle] ?? 0) < seq) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** Moves the head on and, now and then, gives the space before it back. */
  #dropFirst(): void {
    this.#head += 1;
    if (this.#head < 1024 || this.#head * 2 < this.#numbers.length) return;
    this.#numbers = this.#numbers.slice(this.#head);
    this.#head = 0;
  }
}
