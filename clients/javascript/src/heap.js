/** A heap, whose first item comes before all others. */
export class Heap {
  constructor(before) {
    this.before = before;
    this.items = [];
  }

  push(item) {
    const {items} = this;
    let at = items.push(item) - 1;
    for (let up; at && this.before(item, items[up = (at - 1) >> 1]); at = up) items[at] = items[up];
    items[at] = item;
  }

  pop() {
    const {items} = this, top = items[0], last = items.pop();
    if (!items.length) return top;
    let at = 0;
    for (let down; (down = 2 * at + 1) < items.length; at = down) {
      if (down + 1 < items.length && this.before(items[down + 1], items[down])) down++;
      if (!this.before(items[down], last)) break;
      items[at] = items[down];
    }
    items[at] = last;
    return top;
  }
}
